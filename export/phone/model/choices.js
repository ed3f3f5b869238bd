// The models to choose from: those of the app, and the user's own files.

import { loadClasses, noteClasses } from '../classes/known_classes.js';
import { loadModel, openModel, startHost, warmUp } from '../inference/remote.js';
import { Problem } from '../kerasfg/problem.js';
import {
  idOf,
  listOwnModels,
  readOwnModel,
  removeOwnModel,
  storeOwnModel,
} from './own_models.js';

let early = null; // the list of the app's models, fetched at the start

/**
 * Fetches the list and the runtime of the first model, while the page is still
 * being set up.
 */
export async function fetchEarly() {
  early = fetchModels();
  try {
    startHost();
    const [first] = await early;
    await warmUp(first.file);
  } catch {
    // Whoever needs them meets the problem, and says so.
  }
}

/**
 * Lists the models.
 *
 * @returns {Promise<object[]>} of `{key, name, isOwn, load}`: the settings store
 *   `key`, and `load(onProgress)` returns `{key, model}`, a classifier;
 *   `onProgress` is called with the bytes that have come, and all. The user's
 *   own have `size` and `time` as well, which may be null, and `remove`, which
 *   returns a function that undoes it
 */
export async function allModels() {
  // A browser that stores nothing has none.
  const own = (await listOwnModels().catch(() => [])).map(ownModel);
  try {
    const listed = (await listModels()).map((entry) => ({
      ...withKey(`app/${entry.folder}`, (onProgress) =>
        loadListed(entry, onProgress),
      ),
      name: entry.name,
      isOwn: false,
    }));
    return [...listed, ...own];
  } catch (error) {
    if (own.length === 0) throw error;
    return own;
  }
}

function ownModel({ id, title: name, size, time }) {
  const load = async () => openModel(await readOwnModel(id), { name });
  const remove = async () => {
    const contents = await readOwnModel(id);
    await removeOwnModel(id);
    return () => storeOwnModel(id, contents, time);
  };
  // A key of before models were told apart by what is in them.
  const key = `own/${id.includes('/') ? id : name}`;
  return { ...withKey(key, load), name, isOwn: true, size, time, remove };
}

/**
 * Loads a file that the user has chosen.
 *
 * @param {File} file
 * @returns {Promise<{key: string, model: object,
 *   store: () => Promise<void>}>} `store` keeps it on the device
 */
export async function openModelFile(file) {
  const model = await openModel(file);
  const id = await idOf(model.name, file);
  return { key: `own/${id}`, model, store: () => storeOwnModel(id, file) };
}

/** Lists the models that were built into the app. */
async function listModels() {
  const listing = early ?? fetchModels();
  early = null; // the next list may be another
  const models = await listing;
  if (!Array.isArray(models) || models.length === 0) {
    throw new Problem('noModels');
  }
  return models;
}

async function fetchModels() {
  const path = 'models/models.json';
  try {
    return await (await fetch(path)).json();
  } catch {
    throw new Problem('missingPart', { path });
  }
}

async function loadListed({ name, folder, file }, onProgress) {
  const path = `models/${encodeURIComponent(folder)}/`;
  const classes = loadClasses(path); // at the same time
  const model = await loadModel(path, { name, file }, onProgress);
  noteClasses(model, await classes);
  return model;
}

function withKey(key, load) {
  return {
    key,
    load: async (onProgress) => ({ key, model: await load(onProgress) }),
  };
}
