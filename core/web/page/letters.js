// Dead letters: asked for when their number has changed, and after each action on them.
import {ask, byId, counted, element, outward, say, time} from './parts.js';
import {act, button, cautiousButton, note} from './actions.js';
import {badge, LiveTable} from './table.js';

const mostLetters = 200;
let table = null;
let known = null;        // the number that the list was asked for
let asking = false;

const about = (letter) => `the mention by ${letter.author} in ${letter.repo}, for ${letter.subscription}`;

const columns = [
  {label: 'Mention', class: 'wide',
    value: ({author, thread, url, repo, user}) => ({author, thread, url, repo, user}),
    show: ({author, thread, url, repo, user}) => [
      outward(url, {dir: 'auto', class: 'title'}, String(thread || url || 'a mention')),
      element('span', {class: 'quiet'}, `@${user} by ${author || 'somebody'} in ${repo}`)]},
  {label: 'For', value: (letter) => letter.subscription},
  {label: 'Why', class: 'wide',
    value: ({code, reason, attempts}) => ({code, reason, attempts}),
    show: ({code, reason, attempts}) => [
      element('span', {dir: 'auto'}, reason || code),
      element('span', {class: 'quiet'}, `${code ? `${code}, ` : ''}after ${counted(attempts, 'attempt')}`)]},
  {label: 'When', value: (letter) => letter.at, show: (at) => time(at)},
  {label: '', class: 'actions', value: (letter) => letter.again, show: (again, letter) => (again ? badge('busy', 'told again') : actionsOf(letter))},
];

function actionsOf(letter) {
  const choice = {subscription: letter.subscription, seqs: [letter.seq]};
  return [
    button('Retry', about(letter), (event) => change(event.currentTarget, 'retry', choice)),
    cautiousButton('Drop', about(letter), 'For good?', (really) => change(really, 'drop', choice)),
  ];
}

async function change(pressed, verb, choice) {
  const answer = await act(pressed, `/api/v1/dead/${verb}`, choice, ({changed}) => (verb === 'retry'
    ? `${counted(changed, 'dead letter')} will be told again.` : `${counted(changed, 'dead letter')} dropped.`));
  if (answer) await refresh();
}

async function refresh() {
  const {answer, error} = await ask(`/api/v1/dead?limit=${mostLetters}`);
  if (error) return note(`The dead letters cannot be read: ${error}`, true);
  table ??= new LiveTable(byId('dead-table'), (letter) => `${letter.subscription} ${letter.seq}`, columns, {most: mostLetters});
  table.show(answer.dead);
  byId('part-dead').hidden = answer.dead.length === 0;
  byId('dead-more').hidden = !answer.more;
  say(byId('dead-more'), `The first ${mostLetters} are shown.`);
  const all = {all: true};
  if (answer.dead.length < 2) byId('dead-tools').replaceChildren();
  else if (byId('dead-tools').childElementCount === 0) {
    byId('dead-tools').replaceChildren(
      button('Retry all', '', (event) => change(event.currentTarget, 'retry', all)),
      cautiousButton('Drop all', '', 'All of them, for good?', async (really) => {
        await change(really, 'drop', all);
        byId('dead-tools').replaceChildren();
      }));
  }
}

// `mark`: whatever changes when the dead letters do.
export async function showLetters(mark) {
  if (asking || mark === known) return;
  asking = true;
  known = mark;
  await refresh();
  asking = false;
}

export function forgetLetters() {
  known = null;
}
