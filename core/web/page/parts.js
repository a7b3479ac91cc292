// What every view is made of: elements, times that keep themselves true, numbers in words, requests to the daemon.
// Nodes are made one by one and filled with text, never parsed from a text: what comes from the forge cannot become markup.

// element('a', {class: 'name', href: '/'}, 'text', node, ...): attributes that are null or false are left out.
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return node;
}

export const byId = (id) => document.getElementById(id);

// Leaves a text that is right already alone, so that a screen reader does not say it again.
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// The address, if it is one of the web; else nothing.
export function webAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}

// A link that leaves the page; a plain span where the address is none of the web's.
export function outward(address, attributes, ...children) {
  const href = webAddress(address);
  if (href === null) return element('span', attributes, ...children);
  return element('a', {...attributes, href, target: '_blank', rel: 'noopener noreferrer'}, ...children);
}

// ---- numbers and times ----------------------------------------------------------------------------------------------

const numbers = new Intl.NumberFormat('en');
export const number = (value) => (typeof value === 'number' ? numbers.format(value) : '–');
export const counted = (count, one, many = `${one}s`) => `${numbers.format(count)} ${count === 1 ? one : many}`;

export function bytes(count) {
  if (typeof count !== 'number') return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let at = 0;
  for (; count >= 1024 && at + 1 < units.length; ++at) count /= 1024;
  return `${count < 10 && at > 0 ? count.toFixed(1) : Math.round(count)} ${units[at]}`;
}

const steps = [['year', 31557600], ['month', 2629800], ['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];
const relativeWords = new Intl.RelativeTimeFormat('en', {numeric: 'auto'});
const absoluteWords = new Intl.DateTimeFormat('en-GB', {dateStyle: 'full', timeStyle: 'long'});

export function inWords(moment, now = Date.now()) {
  const seconds = Math.round((moment - now) / 1000);
  if (Math.abs(seconds) < 5) return seconds > 0 ? 'in a moment' : 'just now';
  const [unit, length] = steps.find(([, size]) => Math.abs(seconds) >= size);
  return relativeWords.format(Math.trunc(seconds / length), unit);
}

// "42 s", "3 min 5 s", "2 h 10 min"
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min${seconds % 60 ? ` ${seconds % 60} s` : ''}`;
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`;
}

const tellers = {
  relative: (moment) => inWords(moment),
  countdown: (moment) => (moment > Date.now() ? `in ${duration(moment - Date.now())}` : 'now'),
};

// A <time> whose words stay true as time goes by. `teller`: "relative" ("3 minutes ago") or "countdown" ("in 42 s").
export function time(iso, teller = 'relative', fallback = '–') {
  const moment = Date.parse(iso ?? '');
  if (Number.isNaN(moment)) return element('span', {class: 'none'}, fallback);
  return element('time', {datetime: iso, title: absoluteWords.format(moment), 'data-tells': teller}, tellers[teller](moment));
}

function tellTimes() {
  if (document.hidden) return;
  for (const node of document.querySelectorAll('time[data-tells]')) say(node, tellers[node.dataset.tells](Date.parse(node.dateTime)));
}
setInterval(tellTimes, 1000);
document.addEventListener('visibilitychange', tellTimes);

// ---- requests -------------------------------------------------------------------------------------------------------

// {answer} or {error: "a sentence"}. Without a session any more the page starts anew, at the way to sign in.
export async function ask(path, method = 'GET', body = null) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === null ? {} : {'Content-Type': 'application/json'},
      body: body === null ? null : JSON.stringify(body),
    });
  } catch {
    return {error: 'Beckon cannot be reached.'};
  }
  if (response.status === 401) location.reload();
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return {answer};
  return {error: answer?.error ?? `Beckon answered with status ${response.status}.`, status: response.status};
}
