// The user's own model files, stored on the device by what is in them, so that
// two files of one name are two models.

import { sha256 } from '../kerasfg/checksums.js';
import { Problem } from '../kerasfg/problem.js';

const root = new URL('../', import.meta.url).href; // of the app
const CACHE = `kerasfg own models ${root}`;
const [SIZE, TIME] = ['X-Size', 'X-Time'];

/**
 * The stored models, in the order in which they were stored.
 *
 * @returns {Promise<{id: string, title: string, size: number|null,
 *   time: number|null}[]>} `size` in bytes and `time` in milliseconds since
 *   1970 are null for models that an older version of the app has stored
 */
export async function listOwnModels() {
  if (!globalThis.caches) return [];
  const cache = await caches.open(CACHE);
  const requests = await cache.keys();
  return Promise.all(
    requests.map(async ({ url }) => {
      const id = url.slice(`${root}own/`.length);
      const { headers } = (await cache.match(url)) ?? new Response();
      const number = (name) => Number(headers.get(name)) || null;
      // `HASH/TITLE`, or `TITLE` alone.
      const title = decodeURIComponent(id.split('/').at(-1));
      return { id, title, size: number(SIZE), time: number(TIME) };
    }),
  );
}

/** Returns the bytes of a stored model. */
export async function readOwnModel(id) {
  const found = await (await caches.open(CACHE)).match(address(id));
  if (!found) throw new Problem('missingPart', { path: id });
  return new Uint8Array(await found.arrayBuffer());
}

/** The `id` of a model: its content, and its title. */
export async function idOf(title, file) {
  const hash = await sha256(await file.arrayBuffer());
  return `${hash.slice(0, 16)}/${encodeURIComponent(title)}`;
}

/**
 * Stores a model for the next start.
 *
 * @param {string} id of `idOf` or `listOwnModels`
 * @param {Blob|Uint8Array} file
 * @param {number} time in milliseconds since 1970. Defaults to now.
 * @throws {Problem} `storageFull`
 */
export async function storeOwnModel(id, file, time = Date.now()) {
  const headers = { [SIZE]: String(file.size ?? file.length) };
  if (time !== null) headers[TIME] = String(time);
  try {
    const response = new Response(file, { headers });
    await (await caches.open(CACHE)).put(address(id), response);
  } catch {
    throw new Problem('storageFull');
  }
}

/** Deletes a stored model. */
export async function removeOwnModel(id) {
  await (await caches.open(CACHE)).delete(address(id));
}

function address(id) {
  return `${root}own/${id}`;
}
