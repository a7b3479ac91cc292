// The supervision tree, as nested lists.
import {byId, counted, element, number} from './parts.js';
import {badge} from './table.js';

const mostChildren = 50;   // at one level
const tones = {running: 'good', starting: 'busy', restarting: 'trouble', stopping: 'calm', stopped: 'bad'};

let known = '';

function branch(children) {
  const more = children.length - mostChildren;
  return element('ul', {}, ...children.slice(0, mostChildren).map(child),
    more > 0 ? element('li', {class: 'quiet'}, `and ${number(more)} more`) : null);
}

function child({name, kind, state, restarts, children, counts}) {
  const more = Object.entries(counts ?? {}).filter(([what, count]) => what !== 'restarts' && count > 0)
    .map(([what, count]) => `${number(count)} ${what.replace('_', ' ')}`);
  const again = (restarts ?? 0) + (counts?.restarts ?? 0);
  if (again > 0) more.push(counted(again, 'restart'));
  return element('li', {},
    element('span', {class: kind === 'supervisor' ? 'title' : ''}, name), ' ',
    badge(tones[state] ?? 'calm', state),
    more.length > 0 ? element('span', {class: 'quiet'}, ` ${more.join(', ')}`) : null,
    Array.isArray(children) && children.length > 0 ? branch(children) : null);
}

export function showTree(tree) {
  const now = JSON.stringify(tree);
  if (now === known) return;
  known = now;
  byId('part-tree').hidden = tree.length === 0;
  byId('tree').replaceChildren(branch(tree));
}
