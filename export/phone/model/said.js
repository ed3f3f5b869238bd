// What the page says of a picture: three classes, and whether two are left.

const SAID = { top: 3, coverage: 0.9 };

/**
 * @param {import('../kerasfg/classifier.js').Classifier} model
 * @param {{probabilities: ArrayLike<number>, familiarity: number|null}} found
 */
export function saidOf(model, found) {
  return model.judge(found, SAID);
}
