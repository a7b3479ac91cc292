// A watch's mentions: newest first, grouped by thread. Each is there once, whatever comes twice.
import {element, outward, time} from './parts.js';
import {excerpt} from './excerpt.js';

const mostMentions = 500;
const hues = 6;

const deeds = {
  body: (thread) => (thread.pull_request ? 'opened this pull request' : 'opened this issue'),
  comment: () => 'commented',
  review: () => 'reviewed',
  review_comment: () => 'commented on the code',
};

// Newest first; of one moment, what was found last.
const isNewer = (a, b) => a.appeared > b.appeared || (a.appeared === b.appeared && a.seq > b.seq);

export class MentionList {
  constructor(login) {
    this.login = login;
    this.node = element('ol', {class: 'threads', 'aria-label': 'Threads, newest first'});
    this.seen = new Set();       // seqs
    this.threads = new Map();    // by key: {node, list, newest, count}
    this.count = 0;
    this.leftOut = 0;
  }

  // Returns the node, or null if the mention is there already.
  add(mention) {
    if (this.seen.has(mention.seq)) return null;
    this.seen.add(mention.seq);
    const thread = this.threadOf(mention);
    const node = mentionNode(mention, this.login);
    insertByAge(thread.list, node, mention);
    ++thread.count;
    ++this.count;
    if (thread.newest === null || isNewer(mention, thread.newest)) {
      thread.newest = mention;
      insertByAge(this.node, thread.node, mention);
    }
    if (this.count > mostMentions) this.dropOldest();
    return node;
  }

  threadOf({repo, thread}) {
    const key = `${repo}#${thread.number}`;
    let known = this.threads.get(key);
    if (known) return known;
    const list = element('ol', {class: 'mentions'});
    const title = thread.title || 'without a title';
    const node = element('li', {class: 'thread'},
      element('h4', {},
        element('span', {class: 'thread-kind'}, thread.pull_request ? 'Pull request' : 'Issue', ` #${thread.number} `),
        outward(thread.url, {class: 'thread-title', dir: 'auto'}, title)),
      list);
    known = {node, list, newest: null, count: 0};
    this.threads.set(key, known);
    return known;
  }

  // A page that stays open for weeks does not grow for ever.
  dropOldest() {
    const threadNode = this.node.lastElementChild;
    const [key, thread] = [...this.threads].find(([, each]) => each.node === threadNode);
    thread.list.lastElementChild.remove();
    --this.count;
    ++this.leftOut;
    if (--thread.count > 0) return;
    threadNode.remove();
    this.threads.delete(key);
  }
}

const ages = new WeakMap();   // node → the mention that gives it its place

function insertByAge(list, node, mention) {
  ages.set(node, mention);
  for (const other of list.children) {
    if (other === node || isNewer(ages.get(other), mention)) continue;
    list.insertBefore(node, other);
    return;
  }
  list.append(node);
}

function mentionNode(mention, login) {
  const {author, thread} = mention;
  const deed = (deeds[mention.kind] ?? (() => 'wrote'))(thread);
  return element('li', {},
    element('article', {class: 'mention-card', 'data-seq': mention.seq},
      element('div', {class: `monogram hue-${hueOf(author.login)}`, 'aria-hidden': 'true'}, [...author.login][0]?.toUpperCase() ?? '?'),
      element('header', {},
        outward(author.url, {class: 'author'}, author.login || 'somebody'),
        author.bot ? element('span', {class: 'tag'}, 'bot') : null,
        element('span', {class: 'deed'}, ` ${deed} `),
        time(mention.appeared),
        mention.edited ? element('span', {class: 'tag', title: 'The mention was added by an edit'}, 'edited') : null),
      excerpt(mention.excerpt, login),
      element('footer', {},
        outward(mention.url, {class: 'open', 'aria-label': `Open what ${author.login} wrote in ${mention.repo} #${thread.number}`},
          mention.cut ? 'Read on where it was written' : 'Open where it was written'))));
}

function hueOf(text) {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  return sum % hues;
}
