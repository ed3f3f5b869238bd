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
  const ranked = rank(rules.labels, probabilities);
  const isKnown = familiarity === null || familiarity >= KNOWN;
  const isSure = isKnown && isSureOf(rules, ranked[0]);
  const isLost = isKnown && !isSure;
  const limit =
    isKnown && coverage !== null ? lowestOf(rules, coverage) : null;
  return {
    top: ranked.slice(0, top),
    isKnown,
    isSure,
    coarser: isLost ? coarserName(probabilities, rules.levels ?? []) : null,
    familiarity,
    set: limit === null ? null : setOf(ranked, limit),
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
 * The best class always belongs to the set.
 *
 * @param {Ranked[]} ranked
 * @param {number} lowest
 */
function setOf(ranked, lowest) {
  return ranked.filter(({ probability }, i) => i === 0 || probability >= lowest);
}
