// The operator's view: what /api/v1/events tells, whenever it changes. Members that an older or a stopped daemon leaves out are
// simply not shown.
import {byId, counted, element, number, say, time} from './parts.js';
import {Connection} from './connection.js';
import {act, button} from './actions.js';
import {badge, LiveTable} from './table.js';
import {forgetLetters, showLetters} from './letters.js';
import {showFeeds, showForges, showHosts, showSinks} from './surroundings.js';
import {showTree} from './tree.js';

let connection = null;
let table = null;
let last = null;         // the last status

const isTab = (row) => row.sink === 'web';
const hasTrouble = (row) => row.state === 'gone' || row.state === 'set_aside' || row.dead > 0 ||
  (row.state !== 'paused' && Boolean(row.reason || row.next_attempt));

// ---- subscriptions --------------------------------------------------------------------------------------------------

const states = {
  active: ['good', 'active'],
  paused: ['calm', 'paused'],
  gone: ['bad', 'gone'],
  set_aside: ['bad', 'set aside'],
};

const columns = [
  {label: 'Subscription', class: 'wide',
    value: ({name, repo, user, origin}) => ({name, repo, user, origin}), show: nameOf},
  {label: 'Sink', value: (row) => (isTab(row) ? 'a tab' : row.sink)},
  {label: 'State', class: 'wide',
    value: ({state, reason, gone_since, next_attempt}) => ({state, reason, gone_since, next_attempt}),
    show: ({state, reason, gone_since: since, next_attempt: next}) => {
      const [tone, word] = state === 'active' && (reason || next) ? ['trouble', 'waiting'] : states[state] ?? ['calm', state];
      return [badge(tone, word), since ? element('span', {class: 'quiet'}, time(since)) : null,
        reason ? element('span', {class: 'reason', dir: 'auto'}, reason) : null];
    }},
  {label: 'Owed', class: 'number', value: (row) => number(row.owed)},
  {label: 'Dead', class: 'number', value: (row) => number(row.dead)},
  {label: 'Last poll', value: (row) => row.last_poll ?? '', show: (at) => time(at)},
  {label: 'Last delivery', value: (row) => row.last_delivery ?? '', show: (at) => time(at)},
  {label: 'Next retry', value: (row) => row.next_attempt ?? '', show: (at) => time(at, 'countdown')},
  {label: '', class: 'actions', value: (row) => (isTab(row) ? '' : row.state), show: (state, row) => actionOf(state, row.name)},
];

// A name that nobody has chosen says already of whom and where.
function nameOf({name, repo, user, origin}) {
  const more = [name.startsWith(`${repo} ${user}`) ? '' : `@${user} in ${repo}`, origin === 'added' ? 'added at run time' : ''];
  const about = more.filter(Boolean).join(', ');
  return [element('span', {class: 'title'}, name), about ? element('span', {class: 'quiet'}, about) : null];
}

const verbs = {active: ['Pause', 'pause'], set_aside: ['Pause', 'pause'], paused: ['Resume', 'resume'], gone: ['Revive', 'revive']};

function actionOf(state, name) {
  if (!Object.hasOwn(verbs, state)) return '';
  const [label, verb] = verbs[state];
  return button(label, name, (event) => change(event.currentTarget, name, verb));
}

async function change(pressed, name, verb) {
  const answer = await act(pressed, `/api/v1/subscriptions/${encodeURIComponent(name)}/${verb}`, null,
    ({state, changed}) => `${name} is ${states[state]?.[1] ?? state}${changed ? '' : ' already'}.`);
  if (!answer || !last) return;
  for (const row of last.subscriptions) if (row.name === name) Object.assign(row, {state: answer.state, reason: answer.reason});
  showSubscriptions();
}

function showSubscriptions() {
  const words = byId('filter').value.toLowerCase().split(/\s+/).filter(Boolean);
  const only = byId('only-trouble').checked;
  const rows = last.subscriptions.filter((row) => {
    const text = `${row.name} ${row.repo} ${row.user} ${row.sink} ${row.state} ${row.reason}`.toLowerCase();
    return (!only || hasTrouble(row)) && words.every((word) => text.includes(word));
  });
  table ??= new LiveTable(byId('subscriptions-table'), (row) => row.name, columns);
  const leftOut = table.show(rows);
  byId('subscriptions-table').hidden = rows.length === 0;
  const all = last.subscriptions.length;
  const untold = last.left_out?.subscriptions ?? 0;   // by the daemon, which tells of trouble first
  const besides = untold > 0 ? ` The daemon has ${number(untold)} more, without trouble; beckon status lists all of them.` : '';
  say(byId('subscriptions-more'), all === 0 ? 'There are none.' : rows.length === 0 ? (only ? 'None with trouble.' : 'None match the filter.')
    : leftOut > 0 ? `${counted(leftOut, 'more is', 'more are')} not shown; the filter finds them.${besides}`
      : rows.length < all ? `${number(rows.length)} of ${counted(all, 'subscription')}.${besides}` : besides.trim());
}

// ---- the whole ------------------------------------------------------------------------------------------------------

function showTiles({subscriptions, forges, left_out: untold}) {
  const count = (test) => subscriptions.filter(test).length;
  const sum = (member) => subscriptions.reduce((total, row) => total + (row[member] ?? 0), 0);
  const troubled = count(hasTrouble);
  const tabs = count(isTab);
  const paused = count((row) => row.state === 'paused');
  const left = (forges ?? []).map((forge) => forge.quota_left).filter((value) => typeof value === 'number');
  const tiles = [
    ['Subscriptions', number(subscriptions.length - tabs + (untold?.subscriptions ?? 0)), paused > 0 ? `${number(paused)} paused` : '', ''],
    ['With trouble', number(troubled), '', troubled > 0 ? 'trouble' : ''],
    ['Owed', number(sum('owed')), '', ''],
    ['Dead letters', number(sum('dead')), '', sum('dead') > 0 ? 'bad' : ''],
    ['Tabs watching', number(tabs), '', ''],
    ...(left.length > 0 ? [['Requests left', number(Math.min(...left)), 'this hour', '']] : []),
  ];
  const known = JSON.stringify(tiles);
  if (byId('tiles').dataset.known === known) return;
  byId('tiles').dataset.known = known;
  byId('tiles').replaceChildren(...tiles.map(([label, value, more, tone]) => element('div', {'data-tone': tone || null},
    element('dt', {}, label), element('dd', {}, value, more ? element('span', {class: 'quiet'}, ` ${more}`) : null))));
}

function hear(message) {
  if (message.type !== 'status') return;
  last = message;
  last.subscriptions ??= [];
  showTiles(last);
  showSubscriptions();
  showFeeds(last.feeds ?? []);
  showSinks(last.sinks ?? []);
  showForges(last.forges ?? []);
  showHosts(last.hosts ?? []);
  showTree(last.tree ?? []);
  showLetters(last.subscriptions.filter((row) => row.dead > 0).map((row) => `${row.name} ${row.dead} ${row.owed}`).join('\n'));
}

function changed(state, detail) {
  const standing = byId('status-standing');
  standing.dataset.state = state === 'open' ? 'good' : state === 'connecting' ? 'busy' : 'trouble';
  standing.hidden = state === 'open' && last !== null;
  if (state === 'open') standing.replaceChildren('Asking the daemon …');
  if (state === 'connecting') standing.replaceChildren('Connecting …');
  if (state === 'refused') standing.replaceChildren(detail.reason);
  if (state === 'waiting')
    standing.replaceChildren(`Connection lost${detail.reason ? ` (${detail.reason})` : ''}; what is shown may be old. Trying again `,
      time(detail.until, 'countdown'), '. ', element('button', {type: 'button', class: 'inline', onclick: () => connection?.tryNow()}, 'Try now'));
}

// The events are listened to while the view is shown, and no longer: each listener costs the daemon its reading.
export function openStatus() {
  if (connection) return;
  forgetLetters();
  connection = new Connection(() => '/api/v1/events', (message) => {
    byId('status-standing').hidden = true;
    hear(message);
  }, changed);
  connection.open();
}

export function closeStatus() {
  connection?.close();
  connection = null;
}

for (const id of ['filter', 'only-trouble']) byId(id).addEventListener('input', () => last && showSubscriptions());
