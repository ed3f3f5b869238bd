// One of the things that were kept: its picture, and what it was.

import { openDialog } from '../ui/dialogs.js';
import { className, textFor } from '../ui/format_text.js';
import { factsOf, setImage, shownName } from './list.js';
import { makeNameChoice } from './name_choice.js';
import { labelOf, namesFor, needsCheck } from './rules.js';
import { readPicture, readThumb } from './store.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{labels: () => string[], entries: () => object[],
 *   remove: (entry: object) => Promise<boolean>,
 *   change: (id: string, changes: object) => Promise<boolean>}} page the names
 *   of the model in use, what was kept, and how to change it
 * @returns {{open: (entry: object, options?: {goOn?: boolean}) => void}} with
 *   `goOn`, the next one to check follows each that was checked
 */
export function connectEntryDialog(find, page) {
  const { labels, entries, remove, change } = page;
  const dialog = find('found-entry');
  let shown = null;
  let follows = false;

  const show = (entry) => {
    shown = entry;
    find('found-entry-title').textContent = shownName(entry);
    const facts = factsOf(entry);
    find('found-facts').textContent = `${facts} · ${entry.model}`;
    showPlace(find('found-where'), entry.place);
    const name = className(labelOf(entry));
    find('found-right').hidden = !needsCheck(entry);
    find('found-right').textContent = textFor('foundRight', { name });
    choice.show(namesFor(entry, entries(), labels()), labelOf(entry));
    showPictures(entry.id).catch(() => {}); // it has its name all the same
    dialog.scrollTop = 0;
  };

  const showPictures = async (id) => {
    const images = [find('found-picture'), find('found-pixels')];
    for (const image of images) image.removeAttribute('src');
    const [picture, small] = [await readPicture(id), await readThumb(id)];
    if (id !== shown.id || !picture || !small) return;
    setImage(images[0], picture, 'image/jpeg');
    setImage(images[1], small.pixels, 'image/png');
  };

  const answer = async (label) => {
    const { id } = shown;
    const corrected = label === shown.label ? null : label;
    if (!(await change(id, { corrected, isChecked: true }))) return;
    const next = follows && entries().find(needsCheck);
    if (!next) return dialog.close();
    show(next);
    find('found-right').focus();
  };
  const choice = makeNameChoice(find, answer);

  find('found-right').addEventListener('click', () => answer(labelOf(shown)));
  find('found-remove').addEventListener('click', async () => {
    dialog.close(); // the list has the button to undo it
    await remove(shown);
    keepInList();
  });
  // What had the focus before may be gone: a change makes another row.
  const keepInList = () => {
    if (document.activeElement !== document.body) return;
    const id = CSS.escape(shown.id);
    const row = find('found-list').querySelector(`[data-id="${id}"] button`);
    (row ?? find('found-close')).focus();
  };
  dialog.addEventListener('close', keepInList);
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });

  return {
    open(entry, { goOn = false } = {}) {
      follows = goOn;
      show(entry);
      openDialog(dialog);
    },
  };
}

function showPlace(element, place) {
  element.hidden = !place;
  if (!place) return;
  element.textContent = textFor('foundWhere', {
    latitude: place.latitude.toFixed(5),
    longitude: place.longitude.toFixed(5),
    accuracy: Math.round(place.accuracy),
  });
}
