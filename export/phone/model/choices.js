// The models to choose from: those of the app, and the user's own files.

import { loadModel, openModel, startHost, warmUp } from '../inference/remote.js';
import { Problem } from '../kerasfg/problem.js';
import {
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
 * @returns {Promise<object[]>} of `{key, name, isOwn, load, remove}`: the
 *   settings store `key`, and `load(onProgress)` returns `{key, model}`, a
 *   classifier; `onProgress` is called with the bytes that have come, and all
 */
export async function allModels() {
  const own = (await listOwnModels()).map((name) => ({
    ...withKey(`own/${name}`, async () =>
      openModel(await readOwnModel(name), { name }),
    ),
    name,
    isOwn: true,
    remove: () => removeOwnModel(name),
  }));
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

/**
 * Loads a file that the user has chosen.
 *
 * @param {File} file
 * @returns {Promise<{key: string, model: object,
 *   store: () => Promise<void>}>} `store` keeps it on the device
 */
export async function openModelFile(file) {
  const model = await openModel(file);
  const store = () => storeOwnModel(model.name, file);
  return { key: `own/${model.name}`, model, store };
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

function loadListed({ name, folder, file }, onProgress) {
  const path = `models/${encodeURIComponent(folder)}/`;
  return loadModel(path, { name, file }, onProgress);
}

function withKey(key, load) {
  return {
    key,
    load: async (onProgress) => ({ key, model: await load(onProgress) }),
  };
}
