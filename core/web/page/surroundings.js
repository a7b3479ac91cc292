// What stands around the subscriptions: feeds, sinks, forges and the processes of plugins.
import {byId, bytes, counted, element, number, say, time} from './parts.js';
import {badge, LiveTable} from './table.js';

const tables = new Map();

function show(part, key, columns, rows) {
  if (!tables.has(part)) tables.set(part, new LiveTable(byId(`${part}-table`), key, columns, {most: 100}));
  byId(`part-${part}`).hidden = rows.length === 0;
  return tables.get(part).show(rows);
}

const withReason = (mark, reason) => [mark, reason ? element('span', {class: 'reason', dir: 'auto'}, reason) : null];
const moment = (member, teller) => ({value: (row) => row[member] ?? '', show: (at) => time(at, teller)});

// ---- feeds ----------------------------------------------------------------------------------------------------------

const feedColumns = [
  {label: 'Repository', class: 'wide', value: ({repo, forge}) => ({repo, forge}),
    show: ({repo, forge}) => [element('span', {class: 'title'}, repo), element('span', {class: 'quiet'}, forge)]},
  {label: 'State', class: 'wide', value: ({error, progress}) => ({error, progress}), show: feedState},
  {label: 'Last poll', ...moment('last_poll')},
  {label: 'Next poll', ...moment('next_poll', 'countdown')},
  {label: 'Quota left', class: 'number', value: (feed) => number(feed.quota_left)},
];

function feedState({error, progress}) {
  if (error) return withReason(badge('bad', 'trouble'), error);
  if (!progress) return badge('good', 'reading');
  const {pages_done: done, pages_left: left} = progress;
  const words = `${counted(done, 'page')} read${typeof left === 'number' ? `, about ${number(left)} to go` : ''}`;
  return [badge('busy', 'first reading'), element('span', {class: 'quiet'}, words)];
}

export function showFeeds(feeds) {
  const troubled = feeds.filter((feed) => feed.error);
  const leftOut = show('feeds', (feed) => `${feed.forge} ${feed.repo}`, feedColumns, [...troubled, ...feeds.filter((feed) => !feed.error)]);
  byId('feeds-more').hidden = leftOut === 0;
  say(byId('feeds-more'), `${counted(leftOut, 'more feed')} without trouble.`);
}

// ---- sinks ----------------------------------------------------------------------------------------------------------

const sinkTones = {ok: 'good', suspect: 'trouble', misconfigured: 'bad', gone: 'bad'};

const sinkColumns = [
  {label: 'Sink', value: ({name, plugin}) => ({name, plugin}),
    show: ({name, plugin}) => [element('span', {class: 'title'}, name), plugin ? element('span', {class: 'quiet'}, plugin) : null]},
  {label: 'State', class: 'wide', value: ({state, reason}) => ({state, reason}),
    show: ({state, reason}) => withReason(badge(sinkTones[state] ?? 'calm', state), reason)},
  {label: 'Owed', class: 'number', value: (sink) => number(sink.owed)},
  {label: 'Dead', class: 'number', value: (sink) => number(sink.dead)},
  {label: 'Last delivery', ...moment('last_delivery')},
  {label: 'Outcomes', class: 'wide', value: (sink) => sink.outcomes ?? null, show: outcomeWords},
];

function outcomeWords(outcomes) {
  const some = Object.entries(outcomes ?? {}).filter(([, count]) => count > 0);
  if (some.length === 0) return element('span', {class: 'none'}, '–');
  return element('ul', {class: 'outcomes'}, ...some.map(([name, count]) => element('li', {}, `${number(count)} ${name}`)));
}

export function showSinks(sinks) {
  show('sinks', (sink) => sink.name, sinkColumns, sinks);
}

// ---- forges ---------------------------------------------------------------------------------------------------------

const forgeColumns = [
  {label: 'Forge', value: (forge) => forge.name, show: (name) => element('span', {class: 'title'}, name)},
  {label: 'Requests left', class: 'wide', value: ({name, quota_left, quota_limit}) => ({name, quota_left, quota_limit}), show: quota},
  {label: 'Full again', ...moment('quota_resets', 'countdown')},
  {label: 'Token ends', ...moment('token_ends')},
];

function quota({name, quota_left: left, quota_limit: limit}) {
  if (typeof left !== 'number') return element('span', {class: 'none'}, '–');
  if (typeof limit !== 'number') return number(left);
  return [element('meter', {min: 0, max: limit, low: limit / 10, value: left, 'aria-label': `Requests left at ${name}`}),
    element('span', {class: 'quiet'}, `${number(left)} of ${number(limit)}`)];
}

export function showForges(forges) {
  show('forges', (forge) => forge.name, forgeColumns, forges);
}

// ---- plugin hosts ---------------------------------------------------------------------------------------------------

const hostTones = {running: 'good', idle: 'good', starting: 'busy', crashed: 'bad', refused: 'bad'};

const hostColumns = [
  {label: 'Sink', value: ({sink, plugin}) => ({sink, plugin}),
    show: ({sink, plugin}) => [element('span', {class: 'title'}, sink), plugin ? element('span', {class: 'quiet'}, plugin) : null]},
  {label: 'State', class: 'wide', value: ({state, reason}) => ({state, reason}),
    show: ({state, reason}) => withReason(badge(hostTones[state] ?? 'calm', state), reason)},
  {label: 'Process', class: 'number', value: (host) => (host.pid ? String(host.pid) : '–')},
  {label: 'Memory', class: 'number', value: (host) => bytes(host.memory_bytes)},
  {label: 'Restarts', class: 'number', value: (host) => number(host.restarts)},
  {label: 'Started', ...moment('started')},
];

export function showHosts(hosts) {
  show('hosts', (host) => host.sink, hostColumns, hosts);
}
