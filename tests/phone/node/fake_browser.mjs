// A fake of what a service worker uses: caches, pages and a server.

import { createHash, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

export const ROOT = 'https://phone.example/app/';
const PAGE = new URL('../../../export/phone/', import.meta.url);
const source = (name) => readFileSync(new URL(name, PAGE), 'utf8');

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** An `app.json` and its files: `{name: text}`. */
export function app(version, texts) {
  const files = Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, sha256(text)]),
  );
  return { ...texts, 'app.json': JSON.stringify({ version, files }) };
}

class FakeCache {
  entries = new Map();
  room = Infinity;
  async match(key) {
    return this.entries.get(key.url ?? key)?.clone();
  }
  async put(key, response) {
    const size = [...this.entries].length + 1;
    if (size > this.room) {
      throw Object.assign(new Error('full'), { name: 'QuotaExceededError' });
    }
    const bytes = await response.arrayBuffer();
    this.entries.set(
      key.url ?? key,
      new Response(bytes, { headers: response.headers }),
    );
  }
  async delete(key) {
    return this.entries.delete(key.url ?? key);
  }
  async keys() {
    return [...this.entries.keys()].map((url) => ({ url }));
  }
}

class FakeCaches {
  stores = new Map();
  room = Infinity;
  async open(name) {
    if (!this.stores.has(name)) this.stores.set(name, new FakeCache());
    const cache = this.stores.get(name);
    cache.room = this.room;
    return cache;
  }
  async has(name) {
    return this.stores.has(name);
  }
  async delete(name) {
    return this.stores.delete(name);
  }
  async keys() {
    return [...this.stores.keys()];
  }
}

export class FakeBrowser {
  caches = new FakeCaches();
  served = null; // files of the server, or null without a network
  requested = []; // names of files that the server was asked for
  pages = new Set();
  claimed = new Set(); // pages that were there before the worker
  elsewhere = new Map(); // addresses of pages that are not the app's start
  messages = []; // that the worker has sent to pages of its folder
  strays = []; // and to others
  relaxedSimd = true;
  number = 0;

  /** Starts the worker, as the browser does after it has ended it. */
  startWorker() {
    this.listeners = {};
    const self = {
      location: { href: `${ROOT}service-worker.js` },
      crossOriginIsolated: false,
      addEventListener: (kind, run) => (this.listeners[kind] = run),
      clients: {
        matchAll: async () => this.#clients(),
        claim: async () => (this.claimed = new Set(this.pages)),
      },
    };
    const context = vm.createContext({
      self,
      importScripts: (...names) => names.forEach(run),
      caches: this.caches,
      crypto: webcrypto,
      fetch: (request) => this.#fetch(request.url ?? request),
      navigator: { hardwareConcurrency: 2 },
      Response,
      URL,
      Uint8Array,
      WebAssembly: { validate: () => this.relaxedSimd },
    });
    const run = (name) => vm.runInContext(source(name), context);
    run('service-worker.js');
  }

  #clients() {
    return [...this.pages].map((id) => this.#client(id));
  }

  #client(id) {
    const url = this.elsewhere.get(id) ?? ROOT;
    const postMessage = ({ kind }) =>
      url.startsWith(ROOT) ? this.messages.push(kind) : this.strays.push(kind);
    return { id, url, postMessage };
  }

  async #fetch(address) {
    if (!this.served) throw new TypeError('no network');
    const name =
      decodeURIComponent(address.slice(ROOT.length)) || 'index.html';
    this.requested.push(name);
    const text = this.served[name];
    return text === undefined
      ? new Response('', { status: 404 })
      : new Response(text, { headers: { 'Content-Type': 'x/y', Age: '1' } });
  }

  async install() {
    this.startWorker();
    await this.#dispatch('install', {});
    await this.#dispatch('activate', {});
  }

  /** Starts a page; returns its id, and its text. */
  async open(path = '') {
    const id = `page ${(this.number += 1)}`;
    const request = { method: 'GET', mode: 'navigate', url: ROOT + path };
    const event = { request, clientId: '', resultingClientId: id };
    const response = await this.#dispatch('fetch', event);
    this.pages.add(id);
    return { id, text: await response.text() };
  }

  async get(id, name) {
    const request = { method: 'GET', mode: 'cors', url: ROOT + name };
    return this.#dispatch('fetch', { request, clientId: id });
  }

  /** A page starts a worker; returns its id, and the text of its script. */
  async startPageWorker(page, name) {
    const id = `worker ${(this.number += 1)}`;
    const request = {
      ...{ method: 'GET', mode: 'same-origin', destination: 'worker' },
      url: ROOT + name,
    };
    const event = { request, clientId: page, resultingClientId: id };
    const response = await this.#dispatch('fetch', event);
    this.pages.add(id);
    return { id, text: await response.text() };
  }

  /** A page asks whether a newer version is stored. */
  async ask(id) {
    const source = this.#client(id);
    await this.#dispatch('message', { data: { kind: 'next?' }, source });
  }

  async text(id, name) {
    return (await this.get(id, name)).text();
  }

  async #dispatch(kind, event) {
    const waits = [];
    let answer;
    this.listeners[kind]({
      ...event,
      waitUntil: (promise) => waits.push(promise),
      respondWith: (promise) => (answer = promise),
    });
    const given = await answer;
    await Promise.all(waits);
    return given;
  }

  versions() {
    return [...this.caches.stores.keys()]
      .filter((name) => name.startsWith('kerasfg app'))
      .map((name) => name.split(' ').at(-1))
      .sort();
  }

  stored(version) {
    const cache = this.caches.stores.get(`kerasfg app ${ROOT} ${version}`);
    return cache.entries;
  }
}
