// The list of what was kept. The small pictures are read when they come into
// sight, so that a thousand of them scroll well.

import { className, percentText, textFor } from '../ui/format_text.js';
import { currentLanguage } from '../ui/texts.js';
import { labelOf, needsCheck } from './rules.js';
import { readThumb } from './store.js';
import { exportable } from './export_zip.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{open: (entry: object) => void,
 *   remove: (entry: object) => Promise<boolean>}} actions of a row
 * @returns {{show: (entries: object[]) => void}}
 */
export function makeList(find, { open, remove }) {
  const list = find('found-list');
  const inSight = new IntersectionObserver(
    (changes) => {
      for (const { isIntersecting, target } of changes) {
        if (!isIntersecting) continue;
        inSight.unobserve(target);
        showThumb(target).catch(() => {}); // the name is there all the same
      }
    },
    { root: find('found'), rootMargin: '300px' },
  );
  let rows = new Map();

  const removeRow = async (entry, row) => {
    const at = [...list.children].indexOf(row);
    if (!(await remove(entry))) return;
    const next = list.children[Math.min(at, list.children.length - 1)];
    (next?.querySelector('button') ?? find('found-close')).focus();
  };

  const show = (entries) => {
    const before = rows;
    rows = new Map();
    for (const entry of entries) {
      // A row that is right already keeps its picture.
      const key = JSON.stringify([entry, currentLanguage()]);
      const row = before.get(key) ?? makeRow(entry, { open, removeRow });
      if (!before.has(key)) inSight.observe(row);
      rows.set(key, row);
    }
    list.replaceChildren(...rows.values());
    showState(find, entries);
  };
  return { show };
}

function showState(find, entries) {
  const toCheck = entries.filter(needsCheck).length;
  const count = exportable(entries).length;
  find('found-empty').hidden = entries.length > 0;
  find('found-tools').hidden = entries.length === 0;
  find('found-check').hidden = toCheck === 0;
  find('found-check').textContent = textFor('foundCheck', { count: toCheck });
  find('found-export').disabled = count === 0;
  find('found-export').textContent = textFor('foundExport', { count });
  const key = toCheck > 0 ? 'foundHintChecked' : 'foundHint';
  find('found-hint').textContent = textFor(key);
}

function makeRow(entry, { open, removeRow }) {
  const row = document.createElement('li');
  row.dataset.id = entry.id;
  const main = document.createElement('button');
  main.type = 'button';
  main.className = 'found-row';
  main.setAttribute('aria-haspopup', 'dialog');
  main.append(thumbPlace(), words(entry));
  main.addEventListener('click', () => open(entry));
  const bin = document.createElement('button');
  bin.type = 'button';
  bin.className = 'round';
  bin.textContent = '×';
  const label = textFor('foundRemove', { name: className(labelOf(entry)) });
  bin.setAttribute('aria-label', label);
  bin.addEventListener('click', () => removeRow(entry, row));
  row.append(main, bin);
  return row;
}

function thumbPlace() {
  const place = document.createElement('span');
  place.className = 'found-thumb';
  for (const kind of ['thumb', 'pixels']) {
    const image = document.createElement('img');
    image.alt = '';
    image.className = kind;
    place.append(image);
  }
  return place;
}

function words(entry) {
  const text = document.createElement('span');
  const name = document.createElement('strong');
  const more = document.createElement('small');
  name.textContent = shownName(entry);
  more.textContent = factsOf(entry);
  text.append(name, more);
  return text;
}

/** The name of an entry: `Daisy`, or `Perhaps daisy` if it is to be checked. */
export function shownName(entry) {
  const label = labelOf(entry);
  if (!needsCheck(entry)) return className(label);
  return textFor('foundPerhaps', { name: className(label) });
}

/** What is known of an entry, in one line. */
export function factsOf(entry) {
  const isCorrected = labelOf(entry) !== entry.label;
  const time = timeText(entry.time);
  const said = isCorrected
    ? textFor('foundCorrected', { name: className(entry.label) })
    : percentText(entry.probability);
  return `${said} · ${time}`;
}

/** The day and the time; the year only if it is another one. */
function timeText(time) {
  const isThisYear = new Date(time).getFullYear() === new Date().getFullYear();
  return new Intl.DateTimeFormat(currentLanguage(), {
    year: isThisYear ? undefined : 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
  }).format(time);
}

/** Shows the pictures of a row; their addresses are given back at once. */
async function showThumb(row) {
  const found = await readThumb(row.dataset.id);
  if (!found) return;
  setImage(row.querySelector('.thumb'), found.thumb, 'image/jpeg');
  setImage(row.querySelector('.pixels'), found.pixels, 'image/png');
}

/** Shows a file in an image. What was decoded stays without the address. */
export function setImage(image, file, type) {
  const address = URL.createObjectURL(new Blob([file], { type }));
  const revoke = () => URL.revokeObjectURL(address);
  image.onload = revoke;
  image.onerror = revoke;
  image.src = address;
}
