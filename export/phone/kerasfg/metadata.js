// Reads the description that `kerasfg export` puts into a .tflite file. Any
// other file is refused, with the reason.

import { Problem } from './problem.js';
import { sha256 } from './checksums.js';
import { describe } from './description.js';
import { readFiles } from './zip.js';

const LABELS = 'labels_without_background.txt';
const MANIFEST = 'kerasfg.json';
const DIGEST = 'model.sha256';
export const MAX_MODEL_BYTES = 256 * 2 ** 20;
const MAX_MANIFEST_BYTES = 16 * 2 ** 20; // as in Python

/**
 * Reads the description of a model from its own bytes.
 *
 * @param {Uint8Array} contents of the file
 * @returns {Promise<import('./description.js').Description>}
 * @throws {Problem} for any other file
 */
export async function readMetadata(contents) {
  if (contents.length > MAX_MODEL_BYTES) throw new Problem('modelTooLarge');
  const identifier = String.fromCharCode(...contents.subarray(4, 8));
  if (identifier !== 'TFL3') throw new Problem('modelNotTflite');
  const { files, start } = readFiles(contents);
  if (!files.has(MANIFEST)) throw new Problem('modelForeign');
  if (!files.has(LABELS)) throw new Problem('modelNoLabels');
  await checkDigest(files.get(DIGEST), contents.subarray(0, start));
  const manifest = parse(/** @type {Uint8Array} */ (files.get(MANIFEST)));
  const lines = /** @type {Uint8Array} */ (files.get(LABELS));
  const labels = decode(lines).split('\n');
  if (labels.at(-1) === '') labels.pop();
  const description = describe(manifest, manifest.self_test);
  if (labels.join('\n') !== description.labels.join('\n')) {
    throw new Problem('modelLabelsDiffer');
  }
  return description;
}

/**
 * @param {Uint8Array|undefined} digest
 * @param {Uint8Array} model
 */
async function checkDigest(digest, model) {
  if (digest === undefined) throw new Problem('modelForeign');
  if (decode(digest) !== (await sha256(model))) {
    throw new Problem('modelChanged');
  }
}

/** @param {Uint8Array} bytes */
function parse(bytes) {
  if (bytes.length > MAX_MANIFEST_BYTES) throw new Problem('modelBroken');
  try {
    return JSON.parse(decode(bytes));
  } catch {
    throw new Problem('modelBroken');
  }
}

/** @param {Uint8Array} bytes */
function decode(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem('modelBroken');
  }
}
