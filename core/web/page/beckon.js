// The page's beginning: who is here, which of the views is shown, and what the head of the page says.
import {ask, byId, say} from './parts.js';
import {onConnections} from './connection.js';
import {followHash, openWatches, unseenMentions, watchedHash} from './watches.js';
import {closeStatus, openStatus} from './status.js';

const words = {none: '', open: 'Live', connecting: 'Connecting', waiting: 'Offline'};
let isOperator = false;
let shown = null;

function titleBar() {
  const unseen = unseenMentions();
  document.title = `${unseen > 0 ? `(${unseen}) ` : ''}${shown === 'status' ? 'Status' : 'Watch'} · Beckon`;
  byId('to-watch').href = byId('brand').href = watchedHash();
}

// "#status" and "#watch/..."; anything else is the first view with nothing watched.
function route() {
  const view = isOperator && /^#\/?status/.test(location.hash) ? 'status' : 'watch';
  const moved = shown !== null && shown !== view;
  shown = view;
  byId('view-watch').hidden = view !== 'watch';
  byId('view-status').hidden = view !== 'status';
  for (const name of ['watch', 'status']) {
    if (name === view) byId(`to-${name}`).setAttribute('aria-current', 'page');
    else byId(`to-${name}`).removeAttribute('aria-current');
  }
  if (view === 'watch') followHash(location.hash, titleBar);
  if (view === 'status') openStatus();
  else closeStatus();
  titleBar();
  if (moved) byId(`${view}-title`).focus({preventScroll: true});
}

function showWho(me) {
  isOperator = me.role === 'operator';
  byId('to-status').hidden = !isOperator;
  byId('views').hidden = !isOperator;
  byId('who-login').hidden = !me.login;
  say(byId('who-login'), me.login ? `@${me.login}` : '');
  byId('sign-out').hidden = !(me.session || me.token || me.login);
  byId('sign-in').hidden = !me.sign_in || Boolean(me.login);
  byId('public-only').hidden = byId('sign-in').hidden;
  say(byId('version'), me.version ? `Beckon ${me.version}` : 'Beckon');
}

onConnections((state) => {
  byId('connection').dataset.state = state;
  say(byId('connection'), words[state]);
});

// The address stays what it is: it names what is watched.
byId('skip').addEventListener('click', (event) => {
  event.preventDefault();
  byId('main').focus();
});

async function begin() {
  const {answer, error} = await ask('/api/v1/me');
  byId('trouble').hidden = !error;
  if (error) {
    say(byId('trouble'), `${error} Trying again in a few seconds.`);
    setTimeout(begin, 5000);
    return;
  }
  showWho(answer);
  openWatches(titleBar);
  window.addEventListener('hashchange', route);
  route();
}

begin();
