// Checks kerasfg.json, the description of a model, once: the rest of the page
// relies on it.

import { Problem } from '../ui/problem.js';

const FORMAT = 3;
const BEFORE = 2; // without frames
// Less than the 8192 of the format: a larger picture would need too much memory
// on a phone.
const MAX_SIZE = 1024;

/**
 * Checks the content of a `kerasfg.json` and returns what the page needs.
 *
 * @param {object} manifest the parsed file
 * @param {object} selfTest `probabilities` and `tolerance` of one model file;
 *   its picture may be in the manifest
 * @returns {{name: string, imageSize: number, crop: "center"|"whole",
 *   cropFraction: number, classNames: string[], classAttributes: object,
 *   temperature: ?number, threshold: ?number, selfTest: {image: Uint8Array,
 *   probabilities: number[], tolerance: number}}}
 * @throws {Problem} if something is missing or invalid
 */
export function describe(manifest, selfTest) {
  check(isObject(manifest), 'modelForeign');
  check([FORMAT, BEFORE].includes(manifest.format), 'modelFormat', {
    format: String(manifest.format),
  });
  const isFrame = manifest.takes === 'frame';
  const imageSize = isFrame ? manifest.frame_size : manifest.image_size;
  const classNames = manifest.class_names;
  checkPreprocessing(manifest, imageSize);
  check(Number.isInteger(manifest.image_size), 'modelPreprocessing');
  check(isNames(classNames), 'modelNoLabels');
  return {
    name: typeof manifest.name === 'string' ? manifest.name : '',
    imageSize,
    crop: manifest.crop,
    cropFraction: manifest.crop_fraction,
    classNames,
    classAttributes: printableAttributes(manifest.class_attributes),
    temperature: optionalNumber(manifest.temperature, 0, Infinity),
    threshold: optionalNumber(manifest.threshold, -Infinity, Infinity),
    selfTest: checkedSelfTest(selfTest, manifest, imageSize, classNames),
  };
}

function checkPreprocessing(manifest, imageSize) {
  const known =
    Number.isInteger(imageSize) &&
    imageSize >= 1 &&
    imageSize <= MAX_SIZE &&
    ['center', 'whole'].includes(manifest.crop) &&
    isFraction(manifest.crop_fraction) &&
    manifest.filter === 'bicubic';
  check(known, 'modelPreprocessing');
}

function isFraction(value) {
  return typeof value === 'number' && value > 0 && value <= 1;
}

function checkedSelfTest(selfTest, manifest, imageSize, classNames) {
  const encoded = selfTest?.image ?? manifest.self_test?.image;
  check(typeof encoded === 'string', 'modelNoSelfTest');
  const { probabilities, tolerance } = selfTest ?? {};
  const usable =
    Array.isArray(probabilities) &&
    probabilities.length === classNames.length &&
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

/** A picture as a frame: each of its pixels is the nearest one. */
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

function fromBase64(text) {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new Problem('modelNoSelfTest');
  }
}

/** `{class: {attribute: value}}`, without values that cannot be shown. */
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

function optionalNumber(value, above, below) {
  if (value === null || value === undefined) return null;
  const isInRange = value > above && value < below;
  check(typeof value === 'number' && isInRange, 'modelForeign');
  return value;
}

function isNames(names) {
  return (
    Array.isArray(names) &&
    names.length > 0 &&
    names.every((name) => typeof name === 'string' && name !== '')
  );
}

function isPrintable(value) {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function check(holds, key, values) {
  if (!holds) throw new Problem(key, values);
}
