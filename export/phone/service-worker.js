// Stores the app on the device: every file in app.json, each checked by its
// SHA-256. A page keeps the version that it was started with, however long it
// is open; a newer version is fetched completely, in the background, and used
// from the next start on. Plain scripts, because not every browser supports
// modules in a service worker.

const root = new URL('./', self.location.href).href;
// Other apps of the same host share its storage.
const VERSION_CACHE = `kerasfg app ${root} `;
const STATE_CACHE = `kerasfg state ${root}`;
const LIST = 'app.json';
const START = 'index.html';

importScripts('worker/state.js', 'worker/files.js');

self.addEventListener('install', (event) => {
  event.waitUntil(fetchNewest());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(claimPages().then(deleteUnusedVersions));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const file = fileName(request.url);
  if (request.method !== 'GET' || file === null) return;
  if (request.mode === 'navigate') {
    event.respondWith(answerStart(event, file));
    event.waitUntil(fetchNewest().then(deleteUnusedVersions).catch(() => {}));
  } else {
    event.respondWith(answerRequest(event, file));
  }
});

self.addEventListener('message', (event) => {
  if (event.data?.kind !== 'next?') return;
  event.waitUntil(announceNewer(event.source));
});

/** Sends a page a message if a newer version than its own is stored. */
async function announceNewer(client) {
  const own = await state.get(`client ${client.id}`);
  // Read last: `sendToPages` announces one that is stored after this.
  const newest = await state.get('newest');
  if (own && own !== newest) client.postMessage({ kind: 'next' });
}

/** The name of an address in app.json; null for other apps' addresses. */
function fileName(address) {
  const path = address.split(/[?#]/, 1)[0];
  if (!path.startsWith(root)) return null;
  try {
    return decodeURIComponent(path.slice(root.length)) || START;
  } catch {
    return null;
  }
}

/** Takes over the pages of the first visit, which keep their version too. */
async function claimPages() {
  const newest = await state.get('newest');
  for (const { id, url } of await allClients()) {
    const key = `client ${id}`;
    const file = fileName(url);
    const isOurs = newest && file !== null && (await isListed(newest, file));
    if (isOurs && !(await state.get(key))) await state.set(key, newest);
  }
  await self.clients.claim();
}

/** Answers the start of a page, which binds it to the newest version. */
async function answerStart(event, file) {
  const newest = await state.get('newest');
  const response = newest && (await storedFile(newest, file));
  if (!response) return fetch(event.request);
  started.add(event.resultingClientId);
  // Without room for this note there is none for a newer version either.
  await state.set(`client ${event.resultingClientId}`, newest).catch(() => {});
  return response;
}

/** Answers a request of a page with the file of its version. */
async function answerRequest(event, file) {
  const bound = await state.get(`client ${event.clientId}`);
  const version = bound ?? (await state.get('newest'));
  // A worker that a page starts has the version of the page.
  if (event.request.destination === 'worker' && version) {
    started.add(event.resultingClientId);
    const key = `client ${event.resultingClientId}`;
    await state.set(key, version).catch(() => {});
  }
  const isStored = version && (await caches.has(VERSION_CACHE + version));
  // The browser has emptied its storage: continue as without a worker.
  if (!isStored) return fetch(event.request);
  const found = await storedFile(version, file);
  if (found) return found;
  // The app's own pages have files of one version; others in its folder, of
  // another app or of its owner, have theirs.
  return bound ? missing(file) : fetch(event.request);
}

function missing(file) {
  return new Response(`${file} is not part of this version of the app.`, {
    status: 404,
    headers: { 'Content-Type': 'text/plain' },
  });
}

/** Deletes the versions that no open page uses. */
async function deleteUnusedVersions() {
  const open = await allClients();
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

/** Pages, and their workers. */
function allClients() {
  return self.clients.matchAll({ includeUncontrolled: true, type: 'all' });
}

// Pages that have requested nothing yet; `clients.matchAll` leaves them out.
const started = new Set();
