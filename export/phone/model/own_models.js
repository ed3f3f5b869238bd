// The user's own model files, stored on the device.

import { Problem } from '../kerasfg/problem.js';

const root = new URL('../', import.meta.url).href; // of the app
const CACHE = `kerasfg own models ${root}`;

/** Titles of the stored models. */
export async function listOwnModels() {
  if (!globalThis.caches) return [];
  const requests = await (await caches.open(CACHE)).keys();
  return requests.map(({ url }) =>
    decodeURIComponent(url.slice(address('').length)),
  );
}

/** Returns the bytes of a stored model. */
export async function readOwnModel(title) {
  const found = await (await caches.open(CACHE)).match(address(title));
  if (!found) throw new Problem('missingPart', { path: title });
  return new Uint8Array(await found.arrayBuffer());
}

/**
 * Stores a model for the next start, in place of one with the same title.
 *
 * @throws {Problem} `storageFull`
 */
export async function storeOwnModel(title, file) {
  try {
    await (await caches.open(CACHE)).put(address(title), new Response(file));
  } catch {
    throw new Problem('storageFull');
  }
}

/** Deletes a stored model. */
export async function removeOwnModel(title) {
  await (await caches.open(CACHE)).delete(address(title));
}

function address(title) {
  return `${root}own/${encodeURIComponent(title)}`;
}
