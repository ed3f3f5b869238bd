// The button that saves what was kept as a zip file.

import { saveFile } from '../share/save_file.js';
import { exportZip } from './export_zip.js';
import { readPicture } from './store.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{entries: () => object[], notices: object,
 *   attempt: (work: () => Promise<void>) => Promise<boolean>}} page
 */
export function connectExport(find, { entries, notices, attempt }) {
  const button = find('found-export');
  let isBusy = false;
  button.addEventListener('click', async () => {
    if (isBusy) return;
    isBusy = true;
    button.setAttribute('aria-busy', 'true');
    await attempt(async () => {
      const zip = await exportZip(entries(), readPicture);
      const day = new Date().toISOString().slice(0, 10);
      saveFile(new File([zip], `found-${day}.zip`, { type: zip.type }));
      notices.toast('saved');
    });
    button.removeAttribute('aria-busy');
    isBusy = false;
  });
}
