// Keeps the app on the device: every file that app.json lists, each checked by
// its SHA-256. A page stays with the version that it was started with, however
// long it is open; a newer version is fetched whole, in the background, and
// used from the next start on. No modules, which not every browser takes here.

const root = new URL('./', self.location.href).href;
// Other apps of the same host share its storage.
const VERSION_CACHE = `kerasfg app ${root} `;
const STATE_CACHE = `kerasfg state ${root}`;
const LIST = 'app.json';
const START = 'index.html';

importScripts('service-worker-state.js', 'service-worker-files.js');

self.addEventListener('install', (event) => {
  event.waitUntil(fetchNewest());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(adopt().then(forgetOld));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const file = fileName(request.url);
  if (request.method !== 'GET' || file === null) return;
  if (request.mode === 'navigate') {
    event.respondWith(start(event, file));
    event.waitUntil(fetchNewest().then(forgetOld).catch(() => {}));
  } else {
    event.respondWith(part(event, file));
  }
});

self.addEventListener('message', (event) => {
  if (event.data?.kind !== 'next?') return;
  event.waitUntil(answer(event.source));
});

/** Tells a page if a newer version than its own is stored. */
async function answer(client) {
  const own = await state.get(`client ${client.id}`);
  // Read last: of one that is stored after that, `tell` says so.
  const newest = await state.get('newest');
  if (own && own !== newest) client.postMessage({ kind: 'next' });
}

/** The name in app.json of an address; null for those of others. */
function fileName(address) {
  const path = address.split(/[?#]/, 1)[0];
  if (!path.startsWith(root)) return null;
  try {
    return decodeURIComponent(path.slice(root.length)) || START;
  } catch {
    return null;
  }
}

/** Takes over the pages of the first visit: they too stay with their version. */
async function adopt() {
  const newest = await state.get('newest');
  for (const { id } of await self.clients.matchAll({
    includeUncontrolled: true,
  })) {
    const key = `client ${id}`;
    if (newest && !(await state.get(key))) await state.set(key, newest);
  }
  await self.clients.claim();
}

/** Answers the start of a page, which binds it to the newest version. */
async function start(event, file) {
  const newest = await state.get('newest');
  const response = newest && (await stored(newest, file));
  if (!response) return fetch(event.request);
  started.add(event.resultingClientId);
  // Where there is no room for a word, there is none for a newer version.
  await state.set(`client ${event.resultingClientId}`, newest).catch(() => {});
  return response;
}

/** Answers a page's request with the file of its own version. */
async function part(event, file) {
  const bound = await state.get(`client ${event.clientId}`);
  const version = bound ?? (await state.get('newest'));
  const isStored = version && (await caches.has(VERSION_CACHE + version));
  // The browser has emptied its storage: as if there were no worker.
  if (!isStored) return fetch(event.request);
  return (await stored(version, file)) ?? missing(file);
}

function missing(file) {
  return new Response(`${file} is not of this version of the app.`, {
    status: 404,
    headers: { 'Content-Type': 'text/plain' },
  });
}

/** Deletes the versions that no open page uses. */
async function forgetOld() {
  const open = await self.clients.matchAll({ includeUncontrolled: true });
  const used = new Set([await state.get('newest')]);
  for (const key of await state.keys()) {
    if (!key.startsWith('client ')) continue;
    const id = key.slice('client '.length);
    const isOpen = open.some((client) => client.id === id);
    if (isOpen || started.has(id)) {
      used.add(await state.get(key));
      if (isOpen) started.delete(id);
    } else {
      await state.delete(key);
    }
  }
  for (const name of await caches.keys()) {
    if (!name.startsWith(VERSION_CACHE)) continue;
    const version = name.slice(VERSION_CACHE.length);
    if (!used.has(version)) await caches.delete(name);
  }
}

// Pages that have asked for nothing yet are not in the list of open ones.
const started = new Set();
