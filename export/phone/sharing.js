// The dialog that passes a result on.

import { openDialog } from './dialogs.js';
import {
  canShare,
  copyText,
  labelledPicture,
  resultText,
  saveFile,
  shareFile,
} from './share.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{freeze: () => Promise<void>, latest: () => object,
 *   toast: (key: string) => void}} page what it asks the page for
 */
export function connectSharing(find, { freeze, latest, toast }) {
  let text = '';
  let file = null;

  find('share').addEventListener('click', async () => {
    await freeze(); // what is shared is what is seen
    if (!latest()) return;
    text = resultText(latest());
    file = await labelledPicture(latest());
    find('sharing-text').textContent = text;
    find('share-send').hidden = !canShare(file);
    openDialog(find('sharing'));
  });
  find('sharing').addEventListener('click', ({ target }) => {
    if (target === find('sharing')) target.close();
  });

  find('share-copy').addEventListener('click', async () => {
    const copied = await copyText(text);
    finish(copied ? 'copied' : 'copyFailed');
  });
  find('share-save').addEventListener('click', () => {
    saveFile(file);
    finish('saved');
  });
  find('share-send').addEventListener('click', async () => {
    await shareFile(file, text).catch(() => {});
    find('sharing').close();
  });

  const finish = (key) => {
    find('sharing').close();
    toast(key);
  };
}
