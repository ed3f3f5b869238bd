// The models to choose from: those of the app, and the user's own files.

import { Classifier, Problem } from '../kerasfg/classifier.js';
import {
  idOf,
  listOwnModels,
  readOwnModel,
  removeOwnModel,
  storeOwnModel,
} from './own_models.js';

/**
 * Lists the models.
 *
 * @returns {Promise<object[]>} of `{key, name, isOwn, load}`: the settings store
 *   `key`, and `load` returns `{key, model}`, a classifier. The user's own have
 *   `size` and `time` as well, which may be null, and `remove`, which returns a
 *   function that undoes it
 */
export async function allModels() {
  const own = (await listOwnModels()).map(ownModel);
  try {
    const listed = (await listModels()).map((entry) => ({
      ...withKey(`app/${entry.folder}`, () => loadListed(entry)),
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
  const load = async () => Classifier.open(await readOwnModel(id), { name });
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
 * @returns {Promise<{key: string, model: Classifier,
 *   store: () => Promise<void>}>} `store` keeps it on the device
 */
export async function openModelFile(file) {
  const model = await Classifier.open(file);
  const id = await idOf(model.name, file);
  return { key: `own/${id}`, model, store: () => storeOwnModel(id, file) };
}

/** Lists the models that were built into the app. */
async function listModels() {
  const path = 'models/models.json';
  let models;
  try {
    models = await (await fetch(path)).json();
  } catch {
    throw new Problem('missingPart', { path });
  }
  if (!Array.isArray(models) || models.length === 0) {
    throw new Problem('noModels');
  }
  return models;
}

function loadListed({ name, folder, file }) {
  const path = `models/${encodeURIComponent(folder)}/`;
  return Classifier.load(path, { name, file });
}

function withKey(key, load) {
  return { key, load: async () => ({ key, model: await load() }) };
}
