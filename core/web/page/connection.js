// A WebSocket that comes back: after a loss it tries again, later each time, until it is closed or refused.
import {ask} from './parts.js';

const firstWait = 1000;
const longestWait = 30000;
const lastingAfter = 10000;   // ms: a connection that lasted so long was a good one
const moments = [[window, 'online'], [window, 'pageshow'], [document, 'visibilitychange']];   // when it may work again

const all = new Set();
let listener = () => {};

// Called with how all connections together stand: "none", "open", "connecting" or "waiting".
export function onConnections(callback) {
  listener = callback;
  tellListener();
}

function tellListener() {
  const states = [...all].map((connection) => connection.state);
  const worst = ['waiting', 'connecting', 'open'].find((state) => states.includes(state));
  listener(worst ?? 'none');
}

export class Connection {
  // `address()`: path and query, asked for at each attempt. `heard(message)`: a JSON object with "type".
  // `changed(state, detail)`: "connecting", "open", "waiting" (detail: {until, reason}), "refused" (detail: {reason}) or "closed".
  constructor(address, heard, changed) {
    this.address = address;
    this.heard = heard;
    this.changed = changed;
    this.state = 'closed';
    this.losses = 0;
    this.tryNow = this.tryNow.bind(this);
    this.rest = this.rest.bind(this);
  }

  open() {
    window.addEventListener('pagehide', this.rest);
    for (const [target, event] of moments) target.addEventListener(event, this.tryNow);
    all.add(this);
    this.connect();
  }

  close() {
    window.removeEventListener('pagehide', this.rest);
    for (const [target, event] of moments) target.removeEventListener(event, this.tryNow);
    this.leave();
    all.delete(this);
    this.become('closed');
  }

  // The daemon has said no, and would say it again.
  refuse(reason) {
    this.leave();
    this.become('refused', {reason});
  }

  // A page that somebody has left may be kept, for the way back, and its connections with it: for the daemon it would still be there.
  rest() {
    if (this.state === 'refused') return;
    this.leave();
    this.become('waiting', {until: new Date().toISOString(), reason: ''});
  }

  tryNow() {
    if (this.state !== 'waiting' || document.hidden) return;
    clearTimeout(this.timer);
    this.connect();
  }

  connect() {
    this.become('connecting');
    const socket = new WebSocket(new URL(this.address(), location.href.replace(/^http/, 'ws')));
    this.socket = socket;
    let opened = null;
    socket.addEventListener('open', () => {
      if (this.socket !== socket) return;
      opened = performance.now();
      this.become('open');
    });
    socket.addEventListener('message', (event) => {
      if (this.socket !== socket) return;
      this.heard(JSON.parse(event.data));
    });
    socket.addEventListener('close', (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (opened === null) return this.askWhy(socket);
      if (performance.now() - opened > lastingAfter) this.losses = 0;
      this.wait(event.code === 1013 ? event.reason : '');
    });
  }

  // A browser does not tell a page why a WebSocket was not opened. The same address, asked for as anything else is, does: 426
  // means that all was right with the request.
  async askWhy(socket) {
    const attempt = this.attempt = {};
    const {error, status} = await ask(new URL(socket.url).pathname + new URL(socket.url).search);
    if (this.attempt !== attempt) return;
    if (status === 400 || status === 403 || status === 404) this.refuse(error);
    else this.wait(status === 426 || status === undefined ? '' : error);
  }

  wait(reason) {
    const longest = Math.min(longestWait, firstWait * 2 ** this.losses++);
    const wait = longest * (0.75 + Math.random() / 4);   // not all tabs at the same moment
    this.timer = setTimeout(() => this.connect(), wait);
    this.become('waiting', {until: new Date(Date.now() + wait).toISOString(), reason});
  }

  leave() {
    clearTimeout(this.timer);
    this.attempt = null;
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  become(state, detail = {}) {
    this.state = state;
    this.changed(state, detail);
    tellListener();
  }
}
