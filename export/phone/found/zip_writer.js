// Writes a zip archive of files that are stored as they are: pictures are
// compressed already.

import { crc32 } from '../kerasfg/checksums.js';
import { Problem } from '../kerasfg/problem.js';

const HEADER = 0x04034b50;
const ENTRY = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
const UNIX = 3 << 8;
const MODE = 0o100644 << 16; // a file that all may read
const UTF8 = 0x800; // the encoding of names
// Above, other fields would be needed than the plain format has.
const MAX_FILES = 2 ** 16 - 2;
const MAX_BYTES = 2 ** 32 - 2;

/**
 * @param {AsyncIterable<{name: string, data: Uint8Array, time: Date}>} files
 *   read one after the other, so that they need not be in memory together
 * @returns {Promise<Blob>}
 * @throws {Problem} `foundTooLarge` with more than 65,534 files or 4 GB
 */
export async function writeZip(files) {
  const parts = [];
  const entries = [];
  let place = 0;
  let listed = 0; // bytes
  for await (const file of files) {
    const { header, entry } = describe(file, place);
    // As a Blob, the browser may keep it on disk.
    parts.push(new Blob([header, file.data]));
    entries.push(entry);
    place += header.length + file.data.length;
    listed += entry.length;
    if (entries.length > MAX_FILES || place + listed > MAX_BYTES) {
      throw new Problem('foundTooLarge');
    }
  }
  const count = entries.length;
  const end = record([
    [4, END], [2, 0], [2, 0], [2, count], [2, count],
    [4, listed], [4, place], [2, 0],
  ]);
  return new Blob([...parts, ...entries, end], { type: 'application/zip' });
}

/** The header before a file, and its entry in the list at the end. */
function describe({ name, data, time }, place) {
  const bytes = new TextEncoder().encode(name);
  const size = data.length;
  const common = [
    [2, VERSION], [2, UTF8], [2, 0], [2, clock(time)], [2, calendar(time)],
    [4, crc32(data)], [4, size], [4, size], [2, bytes.length], [2, 0],
  ];
  const more = [[2, 0], [2, 0], [2, 0], [4, MODE], [4, place]];
  return {
    header: record([[4, HEADER], ...common], bytes),
    entry: record([[4, ENTRY], [2, UNIX | VERSION], ...common, ...more], bytes),
  };
}

/** Whole numbers of two or four bytes, the lowest byte first; then a name. */
function record(numbers, name = new Uint8Array()) {
  const size = numbers.reduce((sum, [bytes]) => sum + bytes, 0);
  const result = new Uint8Array(size + name.length);
  const view = new DataView(result.buffer);
  let at = 0;
  for (const [bytes, value] of numbers) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value >>> 0, true);
    at += bytes;
  }
  result.set(name, at);
  return result;
}

function clock(time) {
  const seconds = time.getSeconds() >> 1;
  return (time.getHours() << 11) | (time.getMinutes() << 5) | seconds;
}

function calendar(time) {
  const year = Math.min(2107, Math.max(1980, time.getFullYear())) - 1980;
  return (year << 9) | ((time.getMonth() + 1) << 5) | time.getDate();
}
