// Names of folders for classes: the class's own name where every file system
// takes it; otherwise what is not safe in it is written as %XX.

import { crc32 } from '../kerasfg/checksums.js';

const MAX_BYTES = 120;
// Not allowed in names by Windows, or a % that looks like one of ours.
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}<>:"/\\|?*]|^[.\s~]|[.\s]$|%(?=[\dA-F]{2})/giu;
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³])(?:\.|$)/i;
// Folders that have a meaning of their own where pictures are read.
const MEANT = /^(?:train|training|val|valid|validation|test|testing|__macosx)$/i;

/**
 * Names a folder for each class. No two names are the same, nor differ only in
 * upper and lower case.
 *
 * @param {Iterable<string>} labels
 * @returns {Map<string, string>} from the label to the folder
 */
export function folderNames(labels) {
  const folders = new Map();
  const taken = new Set();
  for (const label of [...new Set(labels)].sort()) {
    let name = safeName(label);
    for (let count = 1; taken.has(seen(name)); count++) {
      name = encodeFirst(label, count);
    }
    taken.add(seen(name));
    folders.set(label, name);
  }
  return folders;
}

function safeName(label) {
  if (label === '') return '%';
  if (RESERVED.test(label) || MEANT.test(label)) return encodeFirst(label, 1);
  return short(label.replace(UNSAFE, encode), label);
}

const seen = (name) => name.normalize('NFC').toLowerCase();

/** The name with its first characters as %XX. */
function encodeFirst(label, count) {
  const chars = Array.from(label);
  const first = chars.slice(0, count).map(encode).join('');
  const rest = chars.slice(count).join('').replace(UNSAFE, encode);
  return short(first + rest, label + '/'.repeat(count - 1));
}

function encode(char) {
  return Array.from(bytesOf(char), (byte) =>
    `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('');
}

/** Cuts a long name, and tells it from others by a checksum. */
function short(name, label) {
  if (bytesOf(name).length <= MAX_BYTES) return name;
  let cut = '';
  for (const char of name) {
    if (bytesOf(cut + char).length > MAX_BYTES - 10) break;
    cut += char;
  }
  const sum = crc32(bytesOf(label)).toString(16).padStart(8, '0');
  return `${cut.replace(/%[\dA-F]?$/i, '').trim()}%~${sum}`;
}

function bytesOf(text) {
  return new TextEncoder().encode(text);
}
