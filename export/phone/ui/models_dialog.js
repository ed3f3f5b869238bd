// The dialog to choose a model, and the choice at the start.

import { allModels, openModelFile } from '../model/choices.js';
import { askToPersist } from '../found/persistence.js';
import { connectDialog, openDialog } from './dialogs.js';
import { textFor } from './format_text.js';
import { currentLanguage } from './texts.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{classifier: object, notices: object, settings: object,
 *   onReady: () => void}} page its parts; `onReady` is called when a model is
 *   ready to classify
 * @returns {{loadFirst: () => Promise<void>}} loads the model of last time, or
 *   the first of the list
 */
export function connectModelsDialog(find, page) {
  const { classifier, notices, settings, onReady } = page;
  const dialog = find('models');
  let chosen = null;
  let browsed = null; // by the arrow keys, which load nothing
  let isArrow = false;

  const fill = async () => {
    const models = await allModels().catch(() => []);
    fillList(find('model-list'), models, chosen, { choose: pick, remove });
  };

  const open = async () => {
    await fill();
    openDialog(dialog);
  };

  const showProblem = (error, kind) =>
    notices.problem(error, kind, { key: 'chooseModel', run: open });

  /** Loads a model. The one before stays if this one fails. */
  const use = async (load) => {
    dialog.close();
    notices.clear();
    let loaded = null;
    try {
      const isUsed = await classifier.use(async (onProgress) => {
        loaded = await load(onProgress);
        return loaded.model;
      });
      if (!isUsed) return null; // another was chosen meanwhile
    } catch (error) {
      showProblem(error, 'model');
      return null;
    }
    chosen = loaded.key;
    settings.set('model', chosen);
    onReady();
    return loaded;
  };

  const choose = (model) => use(model.load);

  const pick = (model) => {
    if (isArrow) browsed = model;
    else choose(model);
  };
  dialog.addEventListener('keydown', ({ key }) => {
    isArrow = key.startsWith('Arrow');
  });
  dialog.addEventListener('keyup', () => (isArrow = false));
  // By the Enter key and the button to close, not by Escape.
  dialog.addEventListener('submit', () => {
    if (browsed) choose(browsed);
  });
  dialog.addEventListener('close', () => (browsed = null));

  const remove = async (model) => {
    const restore = await model.remove();
    await fill();
    find('open-model').focus(); // the button that was pressed is gone
    const undo = async () => {
      await restore().catch((error) => showProblem(error, 'storage'));
      await fill();
    };
    notices.toast('modelRemoved', {
      values: { name: model.name },
      action: { key: 'undo', run: undo },
    });
  };

  const openFile = async (file) => {
    const opened = await use(() => openModelFile(file));
    try {
      await opened?.store();
      if (opened) await askToPersist();
    } catch (error) {
      showProblem(error, 'storage');
    }
  };

  find('open-model').addEventListener('click', () => {
    find('model-file').click();
  });
  find('model-file').addEventListener('change', ({ target }) => {
    const [file] = target.files;
    target.value = ''; // the same file may be chosen again
    if (file) openFile(file);
  });

  connectDialog(find('choose-model'), dialog, fill);

  return {
    loadFirst: async () => {
      await use(async (onProgress) => {
        const models = await allModels();
        const last = models.find(({ key }) => key === settings.get('model'));
        return (last ?? models[0]).load(onProgress);
      });
    },
  };
}

function fillList(fieldset, models, chosen, { choose, remove }) {
  const [legend] = fieldset.children;
  const rows = models.map((model) => {
    const row = document.createElement('div');
    row.className = 'choice';
    row.append(radioButton(model, model.key === chosen, choose));
    if (model.isOwn) row.append(removeButton(model, remove));
    return row;
  });
  fieldset.replaceChildren(legend, ...rows);
}

function radioButton(model, isChosen, choose) {
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
    note.textContent = factsOf(model);
    name.append(note);
  }
  return label;
}

/** Size and date, by which models of one name can be told apart. */
function factsOf({ size, time }) {
  if (size === null || time === null) return textFor('ownModel');
  const language = currentLanguage();
  const style = { dateStyle: 'medium', timeStyle: 'short' };
  return textFor('ownModelFacts', {
    size: (size / 1e6).toLocaleString(language, { maximumSignificantDigits: 2 }),
    date: new Intl.DateTimeFormat(language, style).format(time),
  });
}

function removeButton(model, remove) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'round';
  button.textContent = '×';
  const label = textFor('removeModel', { name: model.name });
  button.setAttribute('aria-label', label);
  button.addEventListener('click', () => remove(model));
  return button;
}
