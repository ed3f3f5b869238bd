// The dialogs: opened by a button, closed by a tap beside them as well.

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {Object<string, {by: string, fill: () => *}>} dialogs of each, the
 *   button that opens it and what fills it before
 */
export function connectDialogs(find, dialogs) {
  for (const [id, { by, fill }] of Object.entries(dialogs)) {
    find(by).addEventListener('click', async () => {
      await fill();
      openDialog(find(id));
    });
    find(id).addEventListener('click', (event) => {
      if (event.target === find(id)) find(id).close();
    });
  }
}

/** Opens a dialog, unless it is open. */
export function openDialog(dialog) {
  if (!dialog.open) dialog.showModal();
}
