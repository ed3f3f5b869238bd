// Fetches, checks and stores the app's files, and answers with them.

const PARALLEL_FETCHES = 4;
const BUILDS = 'kerasfg/lib/litert/wasm/litert_wasm_';
// The server's headers that count without a network too.
const HEADERS = [
  'Content-Security-Policy',
  'Content-Type',
  'Cross-Origin-Embedder-Policy',
  'Cross-Origin-Opener-Policy',
  'Cross-Origin-Resource-Policy',
];

/** The stored file if it is intact, else the same file from the network. */
async function storedFile(version, file) {
  const { cache, list } = await storedVersion(version);
  if (!list) return null;
  if (file === LIST) return list;
  const files = await filesOf(version, list);
  if (!Object.hasOwn(files, file)) return null;
  const found = await intactFile(cache, file, files[file]);
  if (found) return found;
  // Not stored at first (see `isNeeded`), or damaged since.
  try {
    const fetched = await fetchChecked(file, files[file]);
    await cache.put(address(file), fetched.clone()).catch(() => {});
    return fetched;
  } catch {
    return null;
  }
}

/** The cache of a version, and its list; nothing if it is not stored. */
async function storedVersion(version) {
  // `open` would create a cache that does not exist.
  if (!(await caches.has(VERSION_CACHE + version))) return {};
  const cache = await caches.open(VERSION_CACHE + version);
  return { cache, list: await cache.match(root + LIST) };
}

// The parsed lists of versions: a start asks for some sixty files.
const lists = new Map();

async function filesOf(version, list) {
  if (!lists.has(version)) lists.set(version, (await list.json()).files);
  return lists.get(version);
}

/** Whether a file belongs to a stored version. */
async function isListed(version, file) {
  const { list } = await storedVersion(version);
  return Boolean(list) && Object.hasOwn(await filesOf(version, list), file);
}

let running = null;

/** Stores the newest version; a second call meanwhile joins the first. */
function fetchNewest() {
  running ??= storeNewest().finally(() => (running = null));
  return running;
}

async function storeNewest() {
  const newest = await state.get('newest');
  const response = await fetch(root + LIST, { cache: 'no-store' }).catch(
    () => null,
  );
  if (!response?.ok) {
    if (!newest) await sendToPages({ kind: 'failed' }); // else it works offline
    throw new Error(`${LIST}: ${response?.status}`);
  }
  const list = response.clone();
  const { version, files } = await response.json();
  const name = VERSION_CACHE + version;
  if (version === newest && (await caches.has(name))) return;
  const cache = await caches.open(name);
  try {
    await storeAll(cache, files, newest);
    // Last: a version counts as stored only with its list.
    await cache.put(root + LIST, list);
    await state.set('newest', version);
  } catch (error) {
    // Another worker may have stored the same version meanwhile.
    if ((await state.get('newest')) !== version) await caches.delete(name);
    // An older version that is stored goes on working without a network.
    const isFull = error.name === 'QuotaExceededError' && !newest;
    await sendToPages({ kind: isFull ? 'full' : 'failed' });
    throw error;
  }
  await sendToPages({ kind: newest ? 'next' : 'ready' });
}

async function storeAll(cache, files, before) {
  const older = before && (await caches.open(VERSION_CACHE + before));
  const names = Object.keys(files).filter(isNeeded);
  const storeNext = async () => {
    for (let file; (file = names.shift()) !== undefined; ) {
      const same = older && (await intactFile(older, file, files[file]));
      const response = same || (await fetchChecked(file, files[file]));
      await cache.put(address(file), response);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_FETCHES }, storeNext));
}

/** A stored file, or null if it does not have that hash. */
async function intactFile(cache, file, hash) {
  const found = await cache.match(address(file));
  if (!found) return null;
  const bytes = await found.arrayBuffer();
  if ((await sha256(bytes)) !== hash) return null;
  return new Response(bytes, { headers: found.headers });
}

async function fetchChecked(file, hash) {
  // The browser's own cache first, where the page's files are since the first
  // visit: the hash tells whether its copy is out of date.
  for (const cache of ['force-cache', 'reload']) {
    const response = await fetch(address(file), { cache });
    if (!response.ok) continue;
    const bytes = await response.arrayBuffer();
    if ((await sha256(bytes)) === hash) {
      return new Response(bytes, { headers: keptHeaders(response.headers) });
    }
  }
  throw new Error(`${file} does not match ${LIST}.`);
}

function keptHeaders(headers) {
  return HEADERS.filter((name) => headers.has(name)).map((name) => [
    name,
    headers.get(name),
  ]);
}

/** A device needs one of LiteRT's builds, which have some 9 MB each. */
function isNeeded(file) {
  if (!file.startsWith(BUILDS)) return true;
  const build = file.slice(BUILDS.length).replace(/_?internal\..*/, '');
  if (!hasRelaxedSimd()) return build === 'compat';
  const threads = self.crossOriginIsolated && navigator.hardwareConcurrency > 1;
  return build === (threads ? 'threaded' : '');
}

// (module (func (result v128) i32.const 1; i8x16.splat; i32.const 2;
// i8x16.splat; i8x16.relaxed_swizzle))
const RELAXED_SIMD = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1,
  13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11,
);

function hasRelaxedSimd() {
  return WebAssembly.validate(RELAXED_SIMD);
}

async function sendToPages(message) {
  const all = await self.clients.matchAll({ includeUncontrolled: true });
  for (const client of all) {
    // Other apps of the same host are none of ours.
    if (client.url.startsWith(root)) client.postMessage(message);
  }
}

function address(file) {
  return root + file.split('/').map(encodeURIComponent).join('/');
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (b) => b.toString(16).padStart(2, '0')).join('');
}
