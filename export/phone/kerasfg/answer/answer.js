// What is said of one picture, from its probabilities and its familiarity: as
// kerasfg.evaluation.answer says it in Python. Nothing here needs a browser.

import { rank } from '../probabilities.js';
import { coarserName } from './coarser_name.js';
import { KNOWN } from './fitted.js';

/**
 * @typedef {import('../probabilities.js').Answer} Ranked
 * @typedef {import('./coarser_name.js').Coarser} Coarser
 * @typedef {object} Rules of a model
 * @property {string[]} labels
 * @property {number|null} [threshold]
 * @property {number[]|null} [classThresholds]
 * @property {import('./fitted.js').Level[]} [levels]
 * @property {import('./fitted.js').Fitted["predictionSets"]} [predictionSets]
 *
 * @typedef {object} Judgement
 * @property {Ranked[]} top the most probable classes, the best first
 * @property {boolean} isKnown false for a picture of none of the classes
 * @property {boolean} isSure whether the first class is the answer
 * @property {Coarser|null} coarser where that is not sure, a name that is
 * @property {number|null} familiarity from 0 to 1; null where it is not told
 * @property {Ranked[]|null} set the classes of which one is the true one for
 *   the share `coverage` of pictures; null if it was not asked for, is not
 *   known, or the picture is of none of the classes
 */

/**
 * Judges a picture.
 *
 * @param {Rules} rules
 * @param {{probabilities: ArrayLike<number>, familiarity?: number|null}} found
 *   of `Classifier.examine`
 * @param {{top?: number, coverage?: number|null}} options `top`: how many
 *   classes, all by default; `coverage`: of the set, from 0.5 to 0.99
 * @returns {Judgement}
 */
export function judge(
  rules,
  { probabilities, familiarity = null },
  { top = Infinity, coverage = null } = {},
) {
  const isKnown = familiarity === null || familiarity >= KNOWN;
  const limit =
    isKnown && coverage !== null ? lowestOf(rules, coverage) : null;
  const members = limit === null ? 0 : sizeOf(probabilities, limit);
  const ranked = rank(rules.labels, probabilities, Math.max(top, members, 1));
  const isSure = isKnown && isSureOf(rules, ranked[0]);
  const isLost = isKnown && !isSure;
  return {
    top: ranked.slice(0, top),
    isKnown,
    isSure,
    coarser: isLost ? coarserName(probabilities, rules.levels ?? []) : null,
    familiarity,
    set: limit === null ? null : ranked.slice(0, members),
  };
}

/**
 * Whether a class is probable enough to be the answer.
 *
 * @param {Rules} rules
 * @param {Ranked|undefined} best
 * @returns {boolean} always true without a threshold
 */
export function isSureOf(rules, best) {
  const { labels, threshold = null, classThresholds } = rules;
  const own = best && classThresholds?.[labels.indexOf(best.label)];
  const limit = own ?? threshold;
  return limit === null || (best?.probability ?? 0) >= limit;
}

/**
 * @param {Rules} rules
 * @param {number} coverage
 */
function lowestOf({ predictionSets }, coverage) {
  if (!(coverage >= 0.5 && coverage <= 0.99)) {
    throw new RangeError(`coverage must be 0.5 to 0.99: ${coverage}`);
  }
  const place = Math.ceil(Number((100 * coverage).toFixed(6))) - 50;
  return predictionSets?.lowest[place] ?? null;
}

/**
 * How many classes are in a set; the best one always is.
 *
 * @param {ArrayLike<number>} probabilities
 * @param {number} lowest
 */
function sizeOf(probabilities, lowest) {
  let size = 0;
  for (let i = 0; i < probabilities.length; i++) {
    if (probabilities[i] >= lowest) size++;
  }
  return Math.max(size, 1);
}
