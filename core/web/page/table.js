// A table that is told again and again what it shows, and changes only what has changed: no lost focus, no lost selection.
import {element} from './parts.js';

export class LiveTable {
  // `key(row)`: what a row is known by. Columns: {label, class, value(row), show(value, row)}: `value` is plain and decides whether the
  // cell is made anew; `show` makes its content, a node, a text or a list of them. An empty `label` is for buttons.
  constructor(table, key, columns, {most = 200} = {}) {
    this.key = key;
    this.columns = columns;
    this.most = most;
    this.rows = new Map();   // by key: {node, cells: [{node, known}]}
    this.body = element('tbody');
    table.classList.add('live');
    const head = columns.map(({label, class: name}) =>
      element('th', {scope: 'col', class: name}, label || element('span', {class: 'visually-hidden'}, 'Actions')));
    table.replaceChildren(element('thead', {}, element('tr', {}, ...head)), this.body);
  }

  // Returns how many are left out.
  show(rows) {
    const shown = rows.slice(0, this.most);
    const kept = new Map();
    let before = null;
    for (const row of shown) {
      let key = this.key(row);
      while (kept.has(key)) key += '\u0000';   // of one name are several tabs
      const line = this.rows.get(key) ?? this.makeLine();
      this.fill(line, row);
      const place = before === null ? this.body.firstChild : before.nextSibling;
      if (line.node !== place) this.body.insertBefore(line.node, place);
      before = line.node;
      kept.set(key, line);
    }
    for (const [key, line] of this.rows) if (!kept.has(key)) line.node.remove();
    this.rows = kept;
    return rows.length - shown.length;
  }

  makeLine() {
    const cells = this.columns.map(({label, class: name}, at) => ({
      node: at === 0 ? element('th', {scope: 'row', class: name}) : element('td', {class: name, 'data-label': label || null}),
      known: undefined,
    }));
    return {node: element('tr', {}, ...cells.map(({node}) => node)), cells};
  }

  fill(line, row) {
    this.columns.forEach(({value, show}, at) => {
      const cell = line.cells[at];
      const now = value(row);
      const known = JSON.stringify(now);
      if (cell.known === known) return;
      cell.known = known;
      const hadFocus = cell.node.contains(document.activeElement);
      cell.node.replaceChildren(...[show ? show(now, row) : String(now)].flat().filter((part) => part !== null));
      cell.node.classList.toggle('idle', at > 0 && ['', '0', '–'].includes(cell.node.textContent));   // a card on a phone leaves it out
      if (hadFocus) cell.node.querySelector('button, a')?.focus();
    });
  }
}

// A word on a coloured ground; the colour only repeats what the word says. Tones: good, busy, trouble, bad, calm.
export const badge = (tone, word) => element('span', {class: 'badge', 'data-tone': tone}, word);
