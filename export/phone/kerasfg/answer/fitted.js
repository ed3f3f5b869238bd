// Checks what an evaluation has fitted to a model, as kerasfg.json tells it:
// thresholds of classes, coarser names, sets, and how far away it is right.

import { Problem } from '../problem.js';

/** From here on a picture is of one of the classes. */
export const KNOWN = 0.5;
const MAX_LEVELS = 20;
const COVERAGES = 50; // 50, 51, … 99 %
const OUTPUTS = ['probabilities', 'familiarity'];

/**
 * @typedef {object} Level
 * @property {string} name such as "family"
 * @property {string[]} ofClass the name of each class there
 * @property {number} threshold from which on its best name is sure
 * @typedef {object} Distance
 * @property {number} objectSize width in metres of what fills the picture
 * @property {number} fov of the camera, in degrees from side to side
 * @property {number} sensorPixels of it along that side
 * @property {number} imageSize pixels that the network sees of a side
 * @property {{resolution: number, share: number}[]} curve how often the name is
 *   right with so many pixels, from few to many
 * @typedef {object} Fitted
 * @property {boolean} givesFamiliarity whether the file tells how familiar a
 *   picture is; `outputs` of the manifest
 * @property {number[]|null} classThresholds one for each class, which counts
 *   in place of `threshold`
 * @property {Level[]} levels coarser names, from fine to coarse
 * @property {{pictures: number, lowest: number[]}|null} predictionSets
 * @property {Distance|null} distance
 */

/**
 * Returns what was fitted. What is missing was not; what is wrong is refused.
 *
 * @param {Object<string, any>} manifest
 * @param {number} classes their number
 * @returns {Fitted}
 * @throws {Problem} `modelForeign`
 */
export function fittedOf(manifest, classes) {
  const { outputs, class_thresholds: own, levels, prediction_sets: sets } =
    manifest;
  const { distance, image_size: imageSize } = manifest;
  check(isMissing(outputs) || areOutputs(outputs));
  check(isMissing(own) || areThresholds(own, classes));
  check(isMissing(levels) || areLevels(levels, classes));
  check(isMissing(sets) || areSets(sets));
  check(isMissing(distance) || isDistance(distance, imageSize));
  return {
    givesFamiliarity: outputs?.length === 2,
    classThresholds: own?.thresholds ?? null,
    levels: (levels ?? []).map(({ name, of_class: ofClass, threshold }) => ({
      name,
      ofClass,
      threshold,
    })),
    predictionSets: sets
      ? { pictures: sets.pictures, lowest: sets.lowest }
      : null,
    distance: distance
      ? {
          objectSize: distance.object_size,
          fov: distance.fov,
          sensorPixels: distance.sensor_pixels,
          imageSize,
          curve: distance.curve.map(
            (/** @type {any} */ { resolution, top_1: share }) => ({
              resolution,
              share,
            }),
          ),
        }
      : null,
  };
}

/** @param {unknown} value */
function isMissing(value) {
  return value === undefined || value === null;
}

/** @param {any} value */
function areOutputs(value) {
  return (
    Array.isArray(value) &&
    [1, 2].includes(value.length) &&
    value.every((name, i) => name === OUTPUTS[i])
  );
}

/**
 * @param {any} value
 * @param {number} classes
 */
function areThresholds(value, classes) {
  return isShare(value.precision) && areShares(value.thresholds, classes);
}

/**
 * @param {any} value
 * @param {number} classes
 */
function areLevels(value, classes) {
  const isFilled = Array.isArray(value) && value.length > 0;
  return (
    isFilled &&
    value.length <= MAX_LEVELS &&
    value.every(
      (level) =>
        isName(level?.name) &&
        Array.isArray(level.of_class) &&
        level.of_class.length === classes &&
        level.of_class.every(isName) &&
        isShare(level.threshold),
    )
  );
}

/** @param {any} value */
function areSets({ pictures, lowest }) {
  return (
    Number.isInteger(pictures) &&
    pictures > 0 &&
    areShares(lowest, COVERAGES) &&
    lowest.every((/** @type {number} */ x, /** @type {number} */ i) =>
      i === 0 ? true : x <= lowest[i - 1],
    )
  );
}

/**
 * @param {any} value
 * @param {any} imageSize
 */
function isDistance(value, imageSize) {
  const { object_size: width, fov, sensor_pixels: pixels, curve } = value;
  const isCamera =
    isWithin(width, Number.MIN_VALUE, 1000) &&
    isWithin(fov, 1, 170) &&
    isWithin(pixels, 16, 100_000);
  return (
    isCamera &&
    Array.isArray(curve) &&
    isWithin(curve[0]?.resolution, 1, imageSize) &&
    curve.every(
      (row, i) =>
        Number.isInteger(row?.resolution) &&
        (i === 0 || row.resolution > curve[i - 1].resolution) &&
        isShare(row.top_1),
    )
  );
}

/**
 * @param {unknown} value
 * @param {number} low
 * @param {number} high
 */
function isWithin(value, low, high) {
  return typeof value === 'number' && value >= low && value <= high;
}

/**
 * @param {any} values
 * @param {number} count
 */
function areShares(values, count) {
  return (
    Array.isArray(values) && values.length === count && values.every(isShare)
  );
}

/** @param {unknown} value */
function isShare(value) {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

/** @param {unknown} value */
function isName(value) {
  return typeof value === 'string' && value !== '';
}

/** @param {boolean} holds */
function check(holds) {
  if (!holds) throw new Problem('modelForeign');
}
