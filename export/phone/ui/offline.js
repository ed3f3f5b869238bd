// Says whether the app is stored on the device, and offers a newer version.

import { textFor } from './format_text.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {string} key of the text of worker/register.js
 * @param {object} notices
 */
export function showOffline(find, key, notices) {
  find('offline').textContent = textFor(key);
  const isNew = key === 'offlineNext';
  const reload = () => location.reload();
  find('reload').hidden = !isNew;
  find('reload').onclick = reload;
  if (isNew) notices.toast(key, { action: { key: 'reload', run: reload } });
  else if (key === 'offlineFull') notices.toast(key);
}
