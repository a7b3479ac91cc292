// The first view: the form, and all that is watched. The page's address names it, so that it can be kept as a bookmark.
import {byId, element, say} from './parts.js';
import {Watch} from './watch.js';
import {fromHash, keyOf, readLogin, readRepository, recall, remember, toHash} from './wish.js';

const mostWatches = 12;
const watches = new Map();   // by keyOf(wish)

export function unseenMentions() {
  return [...watches.values()].reduce((sum, watch) => sum + watch.unseen.size, 0);
}

export const watchedHash = () => toHash([...watches.values()].map((watch) => watch.wish));

// Watches what the address names, and nothing else. `changed()`: the title has something else to say.
export function followHash(hash, changed) {
  const wishes = fromHash(hash).slice(0, mostWatches);
  const wanted = new Set(wishes.map(keyOf));
  for (const [key, watch] of watches) {
    if (wanted.has(key)) continue;
    watch.close();
    watches.delete(key);
  }
  for (const wish of wishes) {
    if (!watches.has(keyOf(wish))) begin(wish, changed);
  }
  const list = byId('watches');
  list.classList.toggle('several', watches.size > 1);
  byId('nothing-watched').hidden = watches.size > 0;
  showRecent();
  changed();
}

function begin(wish, changed) {
  const watch = new Watch(wish, {ended: () => end(wish), arrived: changed});
  watches.set(keyOf(wish), watch);
  byId('watches').prepend(watch.node);
  watch.open();
  remember(wish);
}

// What the address says already is done again.
function go(hash) {
  if (location.hash === hash) window.dispatchEvent(new Event('hashchange'));
  else location.hash = hash;
}

function end(wish) {
  go(toHash(wishesBut(wish)));
  byId('repository').focus();
}

const wishesBut = (wish) => [...watches.values()].map((watch) => watch.wish).filter((other) => keyOf(other) !== keyOf(wish));

function ask(wish) {
  go(toHash([...wishesBut(wish), wish].slice(-mostWatches)));
}

// ---- the form -------------------------------------------------------------------------------------------------------

const fields = [
  {id: 'repository', read: readRepository, wrong: 'Write the repository as owner/name, or paste its address.'},
  {id: 'login', read: readLogin, wrong: 'Write one login, such as octocat, or a team as org/team.'},
];

function complain(id, sentence) {
  const field = byId(id);
  field.setAttribute('aria-invalid', sentence ? 'true' : 'false');
  say(byId(`${id}-trouble`), sentence);
}

function submit(event) {
  event.preventDefault();
  const values = fields.map(({id, read}) => read(byId(id).value));
  fields.forEach(({id, wrong}, at) => complain(id, values[at] ? '' : wrong));
  const bad = values.findIndex((value) => !value);
  if (bad >= 0) return byId(fields[bad].id).focus();
  const [repository, login] = values;
  byId('repository').value = repository;
  byId('login').value = login;
  // One that was refused is asked for again.
  const key = keyOf({repository, login});
  if (watches.get(key)?.connection.state === 'refused') {
    watches.get(key).close();
    watches.delete(key);
  }
  ask({repository, login});
}

function showRecent() {
  const rest = recall().filter((wish) => !watches.has(keyOf(wish)));
  byId('recent').hidden = rest.length === 0;
  byId('recent-list').replaceChildren(...rest.map((wish) => element('li', {},
    element('button', {type: 'button', class: 'chip', 'aria-label': `Watch ${wish.login} in ${wish.repository}`, onclick: () => ask(wish)},
      `@${wish.login} in ${wish.repository}`))));
}

export function openWatches(changed) {
  byId('watch-form').addEventListener('submit', submit);
  for (const {id} of fields) byId(id).addEventListener('input', () => complain(id, ''));
  const [last] = [...fromHash(location.hash), ...recall()];
  if (last) {
    byId('repository').value = last.repository;
    byId('login').value = last.login;
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    for (const watch of watches.values()) watch.look();
    changed();
  });
}
