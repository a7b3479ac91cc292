// One thing that is watched: its connection, what is found, and how it stands, in words.
import {counted, element, say, time} from './parts.js';
import {Connection} from './connection.js';
import {MentionList} from './mentions.js';

const freshFor = 6000;   // ms that a mention stays marked as new once it can be seen

export class Watch {
  // `ended()`: its button has been pressed. `arrived()`: a new mention is there, or the unseen ones have been seen.
  constructor(wish, {ended, arrived}) {
    this.wish = wish;
    this.arrived = arrived;
    this.position = null;        // everything up to here is known
    this.hasPolled = false;
    this.isSettled = false;      // what was there already is shown: what comes now is new
    this.isTroubled = false;
    this.unseen = new Set();     // nodes
    this.list = new MentionList(wish.login);
    this.build(ended);
    const {repository, login} = wish;
    this.connection = new Connection(
      () => `/api/v1/watch?${new URLSearchParams({repo: repository, user: login, ...(this.position === null ? {} : {after: this.position})})}`,
      (message) => this.hear(message),
      (state, detail) => this.changed(state, detail));
  }

  build(ended) {
    const {repository, login} = this.wish;
    const name = `${login} in ${repository}`;
    this.standing = element('p', {class: 'standing', 'data-state': 'connecting'});
    this.progress = element('progress', {hidden: true, 'aria-label': `Reading ${repository}`});
    this.empty = element('p', {class: 'empty', hidden: true});
    this.news = element('p', {class: 'visually-hidden', role: 'status'});
    this.older = element('p', {class: 'quiet', hidden: true});
    this.node = element('section', {class: 'watch', 'aria-label': `Mentions of ${name}`, 'data-watch': `${repository} ${login}`},
      element('header', {},
        element('h3', {}, element('span', {class: 'who-is-watched'}, `@${login}`), ' in ', element('span', {class: 'where'}, repository)),
        element('button', {type: 'button', class: 'plain', 'aria-label': `Stop watching ${name}`, onclick: ended}, 'Stop')),
      this.standing, this.progress, this.news, this.empty, this.list.node, this.older);
  }

  open() {
    this.connection.open();
  }

  close() {
    this.connection.close();
    this.node.remove();
  }

  // ---- what the daemon says -------------------------------------------------------------------------------------------

  hear(message) {
    switch (message.type) {
      case 'searching': return this.search(message);
      case 'polled': return this.polled(message);
      case 'mentions': return this.take(message);
      case 'refused': return this.connection.refuse(message.error);
    }
  }

  search({pages_done: done, pages_left: left}) {
    const known = typeof done === 'number';
    const all = known && typeof left === 'number' ? done + left : null;
    const rest = all === null ? '' : left === 0 ? ', nearly there' : `, about ${left} to go`;
    this.stand('busy', `Reading what was written in ${this.wish.repository} lately${known ? `: ${counted(done, 'page')} read${rest}` : ''} …`);
    this.progress.hidden = false;
    if (all === null) this.progress.removeAttribute('value');
    else Object.assign(this.progress, {max: Math.max(1, all), value: done});
  }

  polled({last_poll: last, next_poll: next, error}) {
    this.hasPolled = true;
    this.progress.hidden = true;
    const when = next ? [' Looking again ', time(next, 'countdown'), '.'] : [];
    this.isTroubled = Boolean(error);
    if (error) this.stand('trouble', `It cannot be read at present: ${sentence(error)}`, ...when);
    else this.stand('good', 'Looked ', time(last, 'relative', 'just now'), '.', ...when);
    this.isSettled = this.position !== null;
    this.showEmpty();
  }

  take({mentions, position}) {
    const added = mentions.map((mention) => [mention, this.list.add(mention)]).filter(([, node]) => node !== null);
    this.position = Math.max(this.position ?? 0, position);
    if (this.isSettled && added.length > 0) this.tell(added);
    this.isSettled = this.hasPolled;
    this.showEmpty();
    this.older.hidden = this.list.leftOut === 0;
    say(this.older, `${counted(this.list.leftOut, 'older mention')} not shown any more.`);
  }

  tell(added) {
    for (const [, node] of added) {
      this.unseen.add(node);
      node.classList.add('fresh');
    }
    const [{author, thread}] = added.at(-1);
    say(this.news, added.length === 1
      ? `New: ${author.login} mentioned ${this.wish.login} in #${thread.number} ${thread.title}`
      : `${added.length} new mentions of ${this.wish.login}`);
    if (!document.hidden) this.look();
    this.arrived();
  }

  // Whoever is here sees them.
  look() {
    const seen = [...this.unseen];
    this.unseen.clear();
    setTimeout(() => seen.forEach((node) => node.classList.remove('fresh')), freshFor);
  }

  // ---- how it stands --------------------------------------------------------------------------------------------------

  changed(state, detail) {
    if (state === 'open' && this.position === null) this.stand('busy', 'Connected. Finding the repository …');
    if (state === 'open' && this.position !== null) this.stand('good', 'Connected again.');
    if (state === 'connecting') this.stand('busy', 'Connecting …');
    if (state === 'waiting') {
      this.stand('trouble', `Connection lost${detail.reason ? ` (${detail.reason})` : ''}; trying again `, time(detail.until, 'countdown'), '. ',
        element('button', {type: 'button', class: 'inline', onclick: () => this.connection.tryNow()}, 'Try now'));
    }
    if (state === 'refused') {
      this.stand('refused', `This cannot be watched: ${sentence(detail.reason)} Name another repository or user, or `,
        element('button', {type: 'button', class: 'inline', onclick: () => this.connection.open()}, 'try again'), '.');
    }
    if (state !== 'open') this.progress.hidden = true;
    this.showEmpty();
  }

  stand(state, ...words) {
    this.standing.dataset.state = state;
    this.standing.setAttribute('role', state === 'refused' ? 'alert' : 'none');
    this.standing.replaceChildren(...words);
  }

  showEmpty() {
    const {repository, login} = this.wish;
    this.empty.hidden = this.list.count > 0 || !this.hasPolled || this.isTroubled || this.connection.state === 'refused';
    say(this.empty, `Nobody has mentioned @${login} in ${repository} lately. As soon as somebody does, it appears here; leave this page open.`);
  }
}

const sentence = (text) => (/[.!?]\s*$/.test(text) ? text.trim() : `${text.trim()}.`);
