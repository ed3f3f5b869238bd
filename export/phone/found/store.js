// What was kept, in the browser's database. It never leaves the device.

import { Problem } from '../kerasfg/problem.js';

const root = new URL('../', import.meta.url).href; // of the app
const DATABASE = `kerasfg found ${root}`;
// Entries are small and read all at once; the rest only when it is shown.
const STORES = ['entries', 'thumbs', 'pictures'];

/**
 * Stores an entry with its pictures: all of it, or nothing.
 *
 * @param {object} entry see keep.js; its `id` is unique
 * @param {{thumb: ArrayBuffer, pixels: ArrayBuffer, picture: ArrayBuffer}} files
 * @throws {Problem} `foundFull`, or `foundUnavailable` in a browser that keeps
 *   nothing
 */
export async function putFound(entry, { thumb, pixels, picture }) {
  await inStores('readwrite', (stores) => {
    stores.entries.put(entry);
    stores.thumbs.put({ thumb, pixels }, entry.id);
    stores.pictures.put(picture, entry.id);
  });
}

/** All entries, in no order. */
export function listFound() {
  return inStores('readonly', (stores) => stores.entries.getAll());
}

/** Changes some values of an entry; one that was removed stays removed. */
export async function changeFound(id, changes) {
  await inStores('readwrite', ({ entries }) => {
    const found = entries.get(id);
    found.onsuccess = () => {
      if (found.result) entries.put({ ...found.result, ...changes });
    };
  });
}

/** Deletes an entry and its pictures. */
export async function removeFound(id) {
  await inStores('readwrite', (stores) => {
    for (const name of STORES) stores[name].delete(id);
  });
}

/** A small picture and the network's pixels as files, or undefined. */
export function readThumb(id) {
  return inStores('readonly', (stores) => stores.thumbs.get(id));
}

/** The picture as a JPEG file, or undefined. */
export function readPicture(id) {
  return inStores('readonly', (stores) => stores.pictures.get(id));
}

let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('entries', { keyPath: 'id' });
      request.result.createObjectStore('thumbs');
      request.result.createObjectStore('pictures');
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      const forget = () => {
        opening = null;
      };
      database.onclose = forget;
      database.onversionchange = () => {
        forget();
        database.close(); // a newer app in another window waits for this
      };
      resolve(database);
    };
  }).catch((error) => {
    opening = null;
    throw error;
  });
  return opening;
}

/** Returns the result of the last request once everything is stored. */
async function inStores(mode, work) {
  try {
    const database = await open();
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORES, mode);
      const stores = Object.fromEntries(
        STORES.map((name) => [name, transaction.objectStore(name)]),
      );
      let request;
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => reject(transaction.error);
      try {
        request = work(stores);
      } catch (error) {
        reject(error);
        transaction.abort(); // what was asked for before is undone
      }
    });
  } catch (error) {
    const isFull = error?.name === 'QuotaExceededError';
    throw new Problem(isFull ? 'foundFull' : 'foundUnavailable');
  }
}
