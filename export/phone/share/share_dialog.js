// The dialog that shares, copies or saves a result.

import { connectDialog } from '../ui/dialogs.js';
import { cardOf } from './card.js';
import { resultText } from './result_text.js';
import { saveFile } from './save_file.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{freeze: () => Promise<void>, latest: () => object|null,
 *   about: object, toast: (key: string) => void}} page what the dialog needs
 *   of it; `about` is what about.json says of the app
 */
export function connectShareDialog(find, { freeze, latest, about, toast }) {
  const dialog = find('sharing');
  let text = '';
  let file = null;

  connectDialog(find('share'), dialog, async () => {
    await freeze(); // the shared picture is the one on the screen
    if (!latest()) return false;
    text = resultText(latest());
    file = await cardOf(latest(), about);
    setImage(find('sharing-card'), file);
    find('sharing-text').textContent = text;
    find('share-send').hidden = !canShare(file);
    return true;
  });

  const finish = (key) => {
    dialog.close();
    toast(key);
  };

  find('share-copy').addEventListener('click', async () => {
    finish((await copyText(text)) ? 'copied' : 'copyFailed');
  });
  find('share-save').addEventListener('click', () => {
    saveFile(file);
    finish('saved');
  });
  find('share-send').addEventListener('click', async () => {
    await shareFile(file, text).catch(() => {});
    dialog.close();
  });
}

function setImage(image, file) {
  const address = URL.createObjectURL(file);
  const revoke = () => URL.revokeObjectURL(address);
  image.onload = revoke;
  image.onerror = revoke;
  image.src = address;
}

/** Copies a text; returns whether the browser has allowed it. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether the phone can share a file with other apps. */
function canShare(file) {
  return Boolean(navigator.canShare?.({ files: [file] }));
}

/** Shares a file with another app, unless the user cancels. */
async function shareFile(file, text) {
  try {
    await navigator.share({ files: [file], text });
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
}
