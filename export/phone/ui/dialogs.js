// What all dialogs have in common.

/**
 * Lets a button open a dialog, and a tap outside of it close it.
 *
 * @param {HTMLElement} button
 * @param {HTMLDialogElement} dialog
 * @param {() => Promise<boolean|void>} fill called before the dialog opens; it
 *   stays closed if this returns false
 */
export function connectDialog(button, dialog, fill) {
  button.addEventListener('click', async () => {
    if ((await fill()) !== false) openDialog(dialog);
  });
  dialog.addEventListener('click', (event) => {
    // The area around a dialog belongs to it; what is inside are children.
    if (event.target === dialog) dialog.close();
  });
}

/** Opens a dialog, unless it is open. */
export function openDialog(dialog) {
  if (!dialog.open) dialog.showModal();
}
