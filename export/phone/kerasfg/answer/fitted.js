// Checks what an evaluation has fitted to a model, as kerasfg.json tells it:
// thresholds of classes, coarser names, sets.

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
 * @typedef {object} Fitted
 * @property {boolean} givesFamiliarity whether the file tells how familiar a
 *   picture is; `outputs` of the manifest
 * @property {number[]|null} classThresholds one for each class, which counts
 *   in place of `threshold`
 * @property {Level[]} levels coarser names, from fine to coarse
 * @property {{pictures: number, lowest: number[]}|null} predictionSets
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
  check(isMissing(outputs) || areOutputs(outputs));
  check(isMissing(own) || areThresholds(own, classes));
  check(isMissing(levels) || areLevels(levels, classes));
  check(isMissing(sets) || areSets(sets));
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
