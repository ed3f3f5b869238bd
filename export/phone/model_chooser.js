// The dialog with the models, and the model at the start.

import { openDialog } from './dialogs.js';
import { allModels, fillModelList, openModelFile } from './model_list.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{classifier: object, notices: object, settings: object,
 *   onReady: () => void}} page its parts; `onReady` is called when a model is
 *   at work
 */
export function makeModelChooser(find, page) {
  const { classifier, notices, settings, onReady } = page;
  const dialog = find('models');
  let chosen = null;

  const fill = async () => {
    const models = await allModels().catch(() => []);
    fillModelList(find('model-list'), models, chosen, { choose, remove });
  };

  const open = async () => {
    await fill();
    openDialog(dialog);
  };

  const fail = (error) =>
    notices.problem(error, 'model', { key: 'chooseModel', run: open });

  /** Puts a model to work; the one before goes, even if this one fails. */
  const use = async (load) => {
    dialog.close();
    notices.clear();
    chosen = null;
    let loaded = null;
    try {
      const isUsed = await classifier.use(async () => {
        loaded = await load();
        return loaded.model;
      });
      if (!isUsed) return null; // another was chosen meanwhile
    } catch (error) {
      fail(error);
      return null;
    }
    chosen = loaded.key;
    settings.set('model', chosen);
    onReady();
    return loaded;
  };

  const choose = (model) => use(model.load);

  const remove = async (model) => {
    await model.remove();
    await fill();
  };

  const openFile = async (file) => {
    const opened = await use(() => openModelFile(file));
    try {
      await opened?.keep();
    } catch (error) {
      notices.problem(error, 'storage', { key: 'chooseModel', run: open });
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

  return {
    fill,
    /** Loads the model of last time, or the first. */
    start: () =>
      use(async () => {
        const models = await allModels();
        const last = models.find(({ key }) => key === settings.get('model'));
        return (last ?? models[0]).load();
      }),
  };
}
