// Coarser names where the class is not sure: as
// kerasfg.evaluation.metrics.levels does it.

/**
 * @typedef {import('./fitted.js').Level} Level
 * @typedef {{level: string, name: string, probability: number}} Coarser
 */

/**
 * Returns the finest coarser name that is sure.
 *
 * @param {ArrayLike<number>} probabilities of the classes
 * @param {Level[]} levels from fine to coarse
 * @returns {Coarser|null} null if none is
 */
export function coarserName(probabilities, levels) {
  for (const { name: level, ofClass, threshold } of levels) {
    /** @type {Map<string, number>} */
    const sums = new Map(); // in the order of the first classes
    ofClass.forEach((name, i) => {
      sums.set(name, (sums.get(name) ?? 0) + probabilities[i]);
    });
    const [first, ...rest] = sums;
    const best = rest.reduce((a, b) => (b[1] > a[1] ? b : a), first);
    if (best[1] >= threshold) {
      return { level, name: best[0], probability: best[1] };
    }
  }
  return null;
}
