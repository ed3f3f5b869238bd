// Keeps what is on the screen, and shows what was kept.

import { connectDialog } from '../ui/dialogs.js';
import { connectEntryDialog } from './entry_dialog.js';
import { makeList } from './list.js';
import { entryOf, filesOf } from './keep.js';
import { askToPersist } from './persistence.js';
import { findPlace } from './place.js';
import { connectPlaceSwitch } from './place_switch.js';
import { inOrder, needsCheck } from './rules.js';
import { connectExport } from './save_zip.js';
import * as store from './store.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{latest: () => object|null, model: () => object|null,
 *   notices: object, settings: object}} page what it needs of it: the latest
 *   result, and the model in use
 */
export function connectFound(find, { latest, model, notices, settings }) {
  const dialog = find('found');
  let entries = [];
  let kept = null; // the result that was kept last: its number, and its entry

  const read = async () => {
    entries = inOrder(await store.listFound());
    showCount(find, entries);
  };
  const refresh = async () => {
    await read();
    list.show(entries);
  };
  /** Does it, or says why it cannot be done. */
  const attempt = async (work) => {
    try {
      await work();
      return true;
    } catch (error) {
      notices.toast(error.key ?? 'foundUnavailable');
      return false;
    }
  };

  const remove = async (entry) => {
    const thumb = await store.readThumb(entry.id);
    const picture = await store.readPicture(entry.id);
    await store.removeFound(entry.id);
    const before = kept;
    if (kept?.entry.id === entry.id) kept = null; // it may be kept again
    await refresh();
    const run = () =>
      attempt(async () => {
        await store.putFound(entry, { ...thumb, picture });
        if (before?.entry.id === entry.id) kept = before;
        await refresh();
      });
    notices.toast('foundRemoved', { action: { key: 'undo', run } });
  };

  const entryDialog = connectEntryDialog(find, {
    labels: () => model()?.labels ?? [],
    entries: () => entries,
    remove: (entry) => attempt(() => remove(entry)),
    change: (id, changes) =>
      attempt(async () => {
        await store.changeFound(id, changes);
        await refresh();
      }),
  });
  const list = makeList(find, {
    open: (entry) => entryDialog.open(entry),
    remove: (entry) => attempt(() => remove(entry)),
  });

  const keep = async () => {
    const result = latest();
    if (!result?.isStill) return;
    const show = { action: { key: 'show', run: openList } };
    const { number } = result;
    if (number === kept?.number) return notices.toast('keptAlready', show);
    const entry = entryOf(result);
    kept = { number, entry }; // a second tap does not keep it twice
    try {
      await store.putFound(entry, await filesOf(result));
    } catch (error) {
      kept = null;
      throw error;
    }
    notices.toast(needsCheck(entry) ? 'keptToCheck' : 'kept', show);
    if (settings.get('place')) addPlace(entry.id);
    await read();
    await askToPersist();
  };
  const addPlace = async (id) => {
    const place = await findPlace().catch(() => null);
    if (place) await attempt(() => store.changeFound(id, { place }));
  };

  const openList = () => find('open-found').click();
  connectDialog(find('open-found'), dialog, () => attempt(refresh));
  find('keep').addEventListener('click', () => attempt(keep));
  find('found-check').addEventListener('click', () =>
    entryDialog.open(entries.find(needsCheck), { goOn: true }),
  );
  connectPlaceSwitch(find, settings);
  connectExport(find, { entries: () => entries, notices, attempt });
  read().catch(() => {}); // said when something is kept
}

function showCount(find, entries) {
  const count = entries.filter(needsCheck).length;
  find('found-count').textContent = count > 0 ? String(count) : '';
  find('found-count').hidden = count === 0;
}
