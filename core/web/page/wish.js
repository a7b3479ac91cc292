// What a tab watches: {repository, login}. Read from what people type or paste, from the page's address, and from the browser's memory.
// Only what is plainly wrong is refused here; the daemon has the last word.

const remembered = 'beckon.recent';
const mostRemembered = 6;

// "owner/name", and what leads to it: an address of the repository or of anything in it, a clone URL. null: neither.
export function readRepository(text) {
  const path = text.trim()
    .replace(/^(?:[a-z+]+:\/\/)?(?:[^/@\s]+@)?(?:[^/:\s]+\.[^/:\s]+|localhost)(?::\d+)?[/:](?=[^/]+\/)/i, '')
    .replace(/[?#].*$/, '');
  const [owner, name] = path.split('/').filter((part) => part !== '');
  const plain = name?.replace(/\.git$/i, '');
  return isName(owner) && isName(plain) ? `${owner}/${plain}` : null;
}

// "octocat", "@octocat", "@org/team", or the address of somebody's page. null: none of them.
export function readLogin(text) {
  const parts = text.trim()
    .replace(/^[a-z]+:\/\/[^/]+\//i, '')
    .replace(/^@/, '')
    .replace(/[?#].*$/, '')
    .replace(/^orgs\/([^/]+)\/teams\//i, '$1/')
    .replace(/\/$/, '')
    .split('/');
  return parts.length <= 2 && parts.every(isName) ? parts.join('/').toLowerCase() : null;
}

const isName = (text) => /^[\w.-]{1,100}$/.test(text ?? '');

export const sameWish = (a, b) => keyOf(a) === keyOf(b);
export const keyOf = (wish) => `${wish.repository} ${wish.login}`.toLowerCase();

// "#watch/acme/rocket/octocat,acme/site/org/team"; a bare "#watch" of none.
export function toHash(wishes) {
  return wishes.length === 0 ? '#watch' : `#watch/${wishes.map((wish) => `${wish.repository}/${wish.login}`).join(',')}`;
}

export function fromHash(hash) {
  const [, list = ''] = /^#\/?watch\/(.*)$/.exec(decode(hash)) ?? [];
  const wishes = [];
  for (const text of list.split(',')) {
    const [owner, name, ...login] = text.split('/');
    const wish = {repository: readRepository(`${owner}/${name}`), login: readLogin(login.join('/'))};
    if (wish.repository && wish.login && !wishes.some((other) => sameWish(other, wish))) wishes.push(wish);
  }
  return wishes;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// A browser may forbid all memory; then there is none.
export function recall() {
  try {
    const list = JSON.parse(localStorage.getItem(remembered));
    return Array.isArray(list) ? list.filter((wish) => readRepository(wish?.repository ?? '') && readLogin(wish?.login ?? '')) : [];
  } catch {
    return [];
  }
}

export function remember(wish) {
  const list = [wish, ...recall().filter((other) => !sameWish(other, wish))].slice(0, mostRemembered);
  try {
    localStorage.setItem(remembered, JSON.stringify(list));
  } catch {
    // then not
  }
}
