// The models to choose from: those of the app, and the user's own files.

import { Problem } from '../ui/problem.js';
import { listModels, loadListedModel, loadOwnModel } from './load.js';
import { MAX_MODEL_BYTES } from './metadata.js';
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
 *   settings store `key`, and `load` returns `{key, model}`
 */
export async function allModels() {
  const own = (await listOwnModels()).map((name) => ({
    ...withKey(`own/${name}`, async () =>
      loadOwnModel(await readOwnModel(name), name),
    ),
    name,
    isOwn: true,
    remove: () => removeOwnModel(name),
  }));
  try {
    const listed = (await listModels()).map((entry) => ({
      ...withKey(`app/${entry.folder}`, () => loadListedModel(entry)),
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
 * @returns {Promise<{key: string, model: object, store: () => Promise<void>}>}
 *   `store` keeps it on the device
 */
export async function openModelFile(file) {
  if (file.size > MAX_MODEL_BYTES) throw new Problem('modelTooLarge');
  const bytes = new Uint8Array(await file.arrayBuffer());
  const model = await loadOwnModel(bytes, file.name);
  const store = () => storeOwnModel(model.name, bytes);
  return { key: `own/${model.name}`, model, store };
}

function withKey(key, load) {
  return { key, load: async () => ({ key, model: await load() }) };
}
