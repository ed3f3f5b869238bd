// Checks kerasfg.json, the description of a model, once: the rest relies on it.

import { fittedOf } from './answer/fitted.js';
import { Problem } from './problem.js';

const FORMAT = 3;
const BEFORE = 2; // without frames
// Less than the 8192 of the format: a larger picture would need too much memory
// on a phone.
const MAX_SIZE = 1024;

/**
 * @typedef {object} Facts
 * @property {string} name title of the model; may be empty
 * @property {number} imageSize side of what the file takes
 * @property {"center"|"whole"} crop
 * @property {number} cropFraction
 * @property {string[]} labels
 * @property {Object<string, Object<string, string|number|boolean>>} attributes
 * @property {number|null} temperature
 * @property {number|null} threshold
 * @property {{image: Uint8Array, probabilities: number[], tolerance: number
 * }} selfTest
 *
 * @typedef {Facts & import('./answer/fitted.js').Fitted} Description
 */

/**
 * Checks the content of a `kerasfg.json` and returns what is needed of it.
 *
 * @param {any} manifest the parsed file
 * @param {any} selfTest `probabilities` and `tolerance` of one model file;
 *   its picture may be in the manifest
 * @returns {Description}
 * @throws {Problem} if something is missing or invalid
 */
export function describe(manifest, selfTest) {
  check(isObject(manifest), 'modelForeign');
  check([FORMAT, BEFORE].includes(manifest.format), 'modelFormat', {
    format: String(manifest.format),
  });
  const isFrame = manifest.takes === 'frame';
  const imageSize = isFrame ? manifest.frame_size : manifest.image_size;
  const labels = manifest.class_names;
  checkPreprocessing(manifest, imageSize);
  check(Number.isInteger(manifest.image_size), 'modelPreprocessing');
  check(isNames(labels), 'modelNoLabels');
  return {
    name: typeof manifest.name === 'string' ? manifest.name : '',
    imageSize,
    crop: manifest.crop,
    cropFraction: manifest.crop_fraction,
    labels,
    attributes: printableAttributes(manifest.class_attributes),
    temperature: optionalNumber(manifest.temperature, 0, Infinity),
    threshold: optionalNumber(manifest.threshold, -Infinity, Infinity),
    ...fittedOf(manifest, labels.length),
    selfTest: checkedSelfTest(selfTest, manifest, imageSize, labels),
  };
}

/**
 * @param {any} manifest
 * @param {unknown} imageSize
 */
function checkPreprocessing(manifest, imageSize) {
  const known =
    typeof imageSize === 'number' &&
    Number.isInteger(imageSize) &&
    imageSize >= 1 &&
    imageSize <= MAX_SIZE &&
    ['center', 'whole'].includes(manifest.crop) &&
    isFraction(manifest.crop_fraction) &&
    manifest.filter === 'bicubic';
  check(known, 'modelPreprocessing');
}

/** @param {unknown} value */
function isFraction(value) {
  return typeof value === 'number' && value > 0 && value <= 1;
}

/**
 * @param {any} selfTest
 * @param {any} manifest
 * @param {number} imageSize
 * @param {string[]} labels
 */
function checkedSelfTest(selfTest, manifest, imageSize, labels) {
  const encoded = selfTest?.image ?? manifest.self_test?.image;
  check(typeof encoded === 'string', 'modelNoSelfTest');
  const { probabilities, tolerance } = selfTest ?? {};
  const usable =
    Array.isArray(probabilities) &&
    probabilities.length === labels.length &&
    probabilities.every(Number.isFinite) &&
    Number.isFinite(tolerance) &&
    tolerance >= 0 &&
    tolerance < 1;
  check(usable, 'modelNoSelfTest');
  const picture = fromBase64(encoded);
  const size = manifest.image_size; // less than `imageSize` for a frame
  check(picture.length === size * size * 3, 'modelNoSelfTest');
  const image = enlarged(picture, size, imageSize);
  return { image, probabilities, tolerance };
}

/**
 * A picture as a frame: each of its pixels is the nearest one.
 *
 * @param {Uint8Array} picture
 * @param {number} size
 * @param {number} frameSize
 */
function enlarged(picture, size, frameSize) {
  const frame = new Uint8Array(3 * frameSize ** 2);
  const nearest = (i) => Math.floor((i * size) / frameSize);
  for (let i = 0; i < frame.length; i++) {
    const pixel = Math.floor(i / 3);
    const row = nearest(Math.floor(pixel / frameSize));
    const column = nearest(pixel % frameSize);
    frame[i] = picture[3 * (row * size + column) + (i % 3)];
  }
  return frame;
}

/** @param {string} text */
function fromBase64(text) {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new Problem('modelNoSelfTest');
  }
}

/**
 * `{class: {attribute: value}}`, without values that cannot be shown.
 *
 * @param {any} table
 */
function printableAttributes(table) {
  if (!isObject(table)) return {};
  return Object.fromEntries(
    Object.entries(table)
      .filter(([, row]) => isObject(row))
      .map(([name, row]) => [
        name,
        Object.fromEntries(
          Object.entries(row).filter(([, value]) => isPrintable(value)),
        ),
      ]),
  );
}

/**
 * @param {any} value
 * @param {number} above
 * @param {number} below
 */
function optionalNumber(value, above, below) {
  if (value === null || value === undefined) return null;
  const isInRange = value > above && value < below;
  check(typeof value === 'number' && isInRange, 'modelForeign');
  return value;
}

/** @param {unknown} names */
function isNames(names) {
  return (
    Array.isArray(names) &&
    names.length > 0 &&
    names.every((name) => typeof name === 'string' && name !== '')
  );
}

/** @param {unknown} value */
function isPrintable(value) {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/**
 * @param {unknown} value
 * @returns {value is Object<string, any>}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @param {boolean} holds
 * @param {string} key
 * @param {Object<string, string>} [values]
 */
function check(holds, key, values) {
  if (!holds) throw new Problem(key, values);
}
