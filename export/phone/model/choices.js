// The models to choose from: those of the app, and the user's own files.

import { loadClasses, noteClasses } from '../classes/known_classes.js';
import { Classifier, Problem } from '../kerasfg/classifier.js';
import {
  listOwnModels,
  readOwnModel,
  removeOwnModel,
  storeOwnModel,
} from './own_models.js';

/**
 * Lists the models.
 *
 * @returns {Promise<object[]>} of `{key, name, isOwn, load, remove}`: the
 *   settings store `key`, and `load` returns `{key, model}`, a classifier
 */
export async function allModels() {
  const own = (await listOwnModels()).map((name) => ({
    ...withKey(`own/${name}`, async () =>
      Classifier.open(await readOwnModel(name), { name }),
    ),
    name,
    isOwn: true,
    remove: () => removeOwnModel(name),
  }));
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

/**
 * Loads a file that the user has chosen.
 *
 * @param {File} file
 * @returns {Promise<{key: string, model: Classifier,
 *   store: () => Promise<void>}>} `store` keeps it on the device
 */
export async function openModelFile(file) {
  const model = await Classifier.open(file);
  const store = () => storeOwnModel(model.name, file);
  return { key: `own/${model.name}`, model, store };
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

async function loadListed({ name, folder, file }) {
  const path = `models/${encodeURIComponent(folder)}/`;
  const classes = loadClasses(path); // at the same time
  const model = await Classifier.load(path, { name, file });
  noteClasses(model, await classes);
  return model;
}

function withKey(key, load) {
  return { key, load: async () => ({ key, model: await load() }) };
}
