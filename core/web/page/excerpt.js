// The beginning of a post, from the flat spans that the daemon sends: a block span opens a block, the inline spans behind it belong
// to it. Headings of a post are none of the page, and its pictures are links: nothing is loaded from elsewhere.
import {element, outward} from './parts.js';

const deepest = 4;

const blocks = {
  paragraph: () => element('p'),
  quote: () => element('blockquote'),
  list_item: (span) => element('p', {class: 'item'}, element('span', {class: 'marker'}, span.text ?? '•')),
  heading: () => element('p', {class: 'heading'}),
  rule: () => element('hr'),
  code_block: (span) => element('pre', {dir: 'ltr'}, element('code', {}, (span.text ?? '').replace(/\n$/, ''))),
};

const inlines = {
  strong: (span) => element('strong', {}, span.text),
  emphasis: (span) => element('em', {}, span.text),
  strikethrough: (span) => element('s', {}, span.text),
  code: (span) => element('code', {}, span.text),
  link: (span) => outward(span.url, {}, span.text ?? span.url ?? ''),
  image: (span) => outward(span.url, {class: 'picture'}, span.text ? `Picture: ${span.text}` : 'Picture'),
  line_break: () => element('br'),
  table_cell: () => element('span', {class: 'cell'}, ' | '),
  mention: (span, login) => {
    const isWatched = span.text?.toLowerCase() === `@${login}`;
    return element(isWatched ? 'mark' : 'span', {class: 'mention'}, span.text);
  },
};

// `login`: who is watched, in lower case.
export function excerpt(spans, login) {
  const root = element('div', {class: 'excerpt'});
  let block = null;
  for (const span of spans) {
    const depth = Math.min(deepest, span.depth ?? 0);
    if (Object.hasOwn(blocks, span.kind)) {
      block = blocks[span.kind](span);
      block.dir ||= 'auto';
      if (depth > 0 && span.kind !== 'heading') block.classList.add(`depth-${depth}`);
      root.append(block);
      continue;
    }
    if (block === null) root.append(block = element('p', {dir: 'auto'}));
    block.append(Object.hasOwn(inlines, span.kind) ? inlines[span.kind](span, login) : span.text ?? '');
  }
  return root;
}
