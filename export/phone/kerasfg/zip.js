// Reads the uncompressed zip archive at the end of a model file, by the same
// rules as export/tflite_file/associated_files.py.

import { Problem } from './problem.js';
import { crc32 } from './checksums.js';

const MAX_FILES = 64;
const MAX_BYTES = 16 * 2 ** 20;
const MAX_COMMENT = 2 ** 16 - 1;
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const HEADER = 0x04034b50;
const END_LENGTH = 22;
const ENTRY_LENGTH = 46;
const HEADER_LENGTH = 30;

/**
 * Reads the files in the archive. The model may come from anyone, so every
 * offset and length is checked.
 *
 * @param {Uint8Array} contents of the model file
 * @returns {{files: Map<string, Uint8Array>, start: number}} the archive is
 *   `contents.subarray(start)`; `files` is empty if there is none
 * @throws {Problem} if the archive is broken, compressed or too large
 */
export function readFiles(contents) {
  const view = new DataView(
    contents.buffer,
    contents.byteOffset,
    contents.byteLength,
  );
  const end = findEnd(view);
  if (end < 0) return { files: new Map(), start: contents.length };
  try {
    return readAll(contents, view, end);
  } catch (error) {
    // An offset past the end of the file, or a name that is not UTF-8.
    throw error instanceof Problem ? error : new Problem('modelBroken');
  }
}

function findEnd(view) {
  const lowest = Math.max(0, view.byteLength - END_LENGTH - MAX_COMMENT);
  for (let at = view.byteLength - 4; at >= lowest; at--) {
    if (view.getUint32(at, true) === END) return at;
  }
  return -1;
}

function readAll(contents, view, end) {
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const listed = view.getUint32(end + 16, true);
  const comment = view.getUint16(end + 20, true);
  // Offsets may count from the start of the archive, not of the file.
  const base = end - size - listed;
  check(base >= 0 && end + END_LENGTH + comment === contents.length);
  check(count <= MAX_FILES);
  const files = new Map();
  let start = end;
  let position = base + listed;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const entry = readEntry(contents, view, base, position);
    total += entry.data.length;
    check(total <= MAX_BYTES && !files.has(entry.name) && entry.place <= end);
    files.set(entry.name, entry.data);
    start = Math.min(start, entry.place);
    position = entry.next;
  }
  check(position === end);
  return { files, start };
}

function readEntry(contents, view, base, at) {
  const short = (offset) => view.getUint16(offset, true);
  const long = (offset) => view.getUint32(offset, true);
  const size = long(at + 24);
  const [flags, method] = [short(at + 8), short(at + 10)];
  const place = base + long(at + 42);
  check(long(at) === ENTRY && long(place) === HEADER);
  // Neither compressed nor encrypted.
  check(method === 0 && !(flags & 1) && long(at + 20) === size);
  const start = place + HEADER_LENGTH + short(place + 26) + short(place + 28);
  check(start + size <= contents.length);
  const data = contents.slice(start, start + size);
  check(crc32(data) === long(at + 16));
  const nameEnd = at + ENTRY_LENGTH + short(at + 28);
  const name = new TextDecoder('utf-8', { fatal: true }).decode(
    contents.subarray(at + ENTRY_LENGTH, nameEnd),
  );
  const next = nameEnd + short(at + 30) + short(at + 32);
  return { name, place, data, next };
}

function check(holds) {
  if (!holds) throw new Problem('modelBroken');
}
