// Buttons that do something to the daemon, and what has become of it, in words.
import {ask, byId, element, say} from './parts.js';

// The daemon's answer, or null after a refusal; either is told at the head of the view. The button rests meanwhile, and keeps the focus.
export async function act(button, path, body, told) {
  if (button.getAttribute('aria-disabled') === 'true') return null;
  button.setAttribute('aria-disabled', 'true');
  const {answer, error} = await ask(path, 'POST', body);
  button.removeAttribute('aria-disabled');
  note(error ? `That could not be done: ${error}` : told(answer), Boolean(error));
  return error ? null : answer;
}

export function note(text, isTrouble = false) {
  const node = byId('status-note');
  node.hidden = text === '';
  node.dataset.tone = isTrouble ? 'bad' : 'good';
  say(node, text);
}

export const button = (label, about, onclick) =>
  element('button', {type: 'button', class: 'small', 'aria-label': about ? `${label} ${about}` : null, onclick}, label);

// A button that asks once more, in its own place, before it does what cannot be taken back.
export function cautiousButton(label, about, question, onclick) {
  const place = element('span', {class: 'caution'});
  const first = button(label, about, () => {
    const really = button(label, `${about}: yes`, () => onclick(really));
    really.classList.add('danger');
    const keep = button('Keep', about, () => {
      place.replaceChildren(first);
      first.focus();
    });
    place.replaceChildren(element('span', {class: 'question'}, question), really, keep);
    really.focus();
  });
  place.append(first);
  return place;
}
