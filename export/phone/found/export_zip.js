// What was kept as a zip file of class folders, to train the next model with.

import { folderNames } from './folder_names.js';
import { labelOf, needsCheck } from './rules.js';
import { writeZip } from './zip_writer.js';

/** The table in the zip file; kerasfg/data/sources/found_table.py reads it. */
export const TABLE = 'found.csv';
const COLUMNS = [
  ...['path', 'label', 'answer', 'probability', 'sure', 'corrected'],
  ...['time', 'latitude', 'longitude', 'accuracy', 'model'],
];

/** Those that go into the file: what is not checked has no sure class. */
export const exportable = (entries) => entries.filter((e) => !needsCheck(e));

/**
 * @param {object[]} entries all that were kept
 * @param {(id: string) => Promise<ArrayBuffer|undefined>} readPicture
 * @returns {Promise<Blob>} `CLASS/TIME-ID.jpg` of each, and found.csv
 * @throws {import('../kerasfg/problem.js').Problem} `foundTooLarge`
 */
export function exportZip(entries, readPicture) {
  const chosen = exportable(entries).sort((a, b) => a.time - b.time);
  const folders = folderNames(chosen.map(labelOf));
  return writeZip(filesOf(chosen, folders, readPicture));
}

async function* filesOf(entries, folders, readPicture) {
  const rows = [COLUMNS];
  for (const entry of entries) {
    const picture = await readPicture(entry.id);
    if (!picture) continue; // removed meanwhile
    const label = labelOf(entry);
    const time = new Date(entry.time);
    const stamp = time.toISOString().slice(0, 19).replace(/[-:]/g, '');
    const path = `${folders.get(label)}/${stamp}-${entry.id}.jpg`;
    rows.push(rowOf(entry, path, label, time));
    yield { name: path, data: new Uint8Array(picture), time };
  }
  // With a byte order mark: otherwise Excel does not take it for UTF-8.
  const text = `\ufeff${rows.map(csvLine).join('')}`;
  const data = new TextEncoder().encode(text);
  yield { name: TABLE, data, time: new Date() };
}

function rowOf(entry, path, label, time) {
  const { latitude, longitude, accuracy } = entry.place ?? {};
  return [
    ...[path, label, entry.label, entry.probability.toFixed(4)],
    ...[yesNo(entry.isSure), yesNo(label !== entry.label)],
    ...[time.toISOString(), latitude, longitude, accuracy, entry.model],
  ];
}

const yesNo = (holds) => (holds ? 'yes' : 'no');

function csvLine(values) {
  return `${values.map(csvField).join(',')}\r\n`;
}

/** A field; names that a spreadsheet would compute get a ' in front. */
function csvField(value) {
  if (typeof value === 'number') return String(value);
  const text = String(value ?? '').replace(/^(?=[=+\-@'\t])/, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
