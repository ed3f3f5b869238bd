// The models to choose from: those of the app, and the user's own files.

import { MAX_MODEL_BYTES } from './metadata.js';
import { listModels, loadListedModel, loadOwnModel } from './model.js';
import {
  keepOwnModel,
  listOwnModels,
  readOwnModel,
  removeOwnModel,
} from './own_models.js';
import { Problem } from './problem.js';
import { say } from './say.js';

/**
 * Lists them as `{key, name, isOwn, load, remove}`; `key` is what the settings
 * keep, `load` gives `{key, model}`.
 *
 * @returns {Promise<object[]>}
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
 * Takes in a file of the user's.
 *
 * @param {File} file
 * @returns {Promise<{key: string, model: object, keep: () => Promise<void>}>}
 */
export async function openModelFile(file) {
  if (file.size > MAX_MODEL_BYTES) throw new Problem('modelTooLarge');
  const bytes = new Uint8Array(await file.arrayBuffer());
  const model = await loadOwnModel(bytes, file.name);
  const keep = () => keepOwnModel(model.name, bytes);
  return { key: `own/${model.name}`, model, keep };
}

function withKey(key, load) {
  return { key, load: async () => ({ key, model: await load() }) };
}

/**
 * Fills the list in the dialog.
 *
 * @param {HTMLElement} fieldset
 * @param {object[]} models of `allModels`
 * @param {string} chosen key
 * @param {{choose: (model: object) => void, remove: (model: object) => void}}
 *   events
 */
export function fillModelList(fieldset, models, chosen, { choose, remove }) {
  const [legend] = fieldset.children;
  const rows = models.map((model) => {
    const row = document.createElement('div');
    row.className = 'choice';
    row.append(radio(model, model.key === chosen, choose));
    if (model.isOwn) row.append(remover(model, remove));
    return row;
  });
  fieldset.replaceChildren(legend, ...rows);
}

function radio(model, isChosen, choose) {
  const label = document.createElement('label');
  const input = document.createElement('input');
  input.type = 'radio';
  input.name = 'model';
  input.checked = isChosen;
  input.addEventListener('change', () => choose(model));
  const name = document.createElement('span');
  name.textContent = model.name;
  label.append(input, name);
  if (model.isOwn) {
    const note = document.createElement('small');
    note.textContent = say('ownModel');
    name.append(note);
  }
  return label;
}

function remover(model, remove) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'round';
  button.textContent = '×';
  button.setAttribute('aria-label', say('removeModel', { name: model.name }));
  button.addEventListener('click', () => remove(model));
  return button;
}
