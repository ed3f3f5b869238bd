// Checksums of bytes: SHA-256 for model files, CRC-32 for zip archives.

import { Problem } from './problem.js';

/**
 * @param {Uint8Array|ArrayBuffer} bytes
 * @returns {Promise<string>} the SHA-256 as 64 hexadecimal digits
 * @throws {Problem} on a page that was opened by http
 */
export async function sha256(bytes) {
  if (!globalThis.crypto?.subtle) throw new Problem('pageInsecure');
  const data = /** @type {BufferSource} */ (bytes);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return Array.from(digest, (b) => b.toString(16).padStart(2, '0')).join('');
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

/**
 * The CRC-32 of bytes, as zip archives have it.
 *
 * @param {Uint8Array} bytes
 */
export function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc = CRC_TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
