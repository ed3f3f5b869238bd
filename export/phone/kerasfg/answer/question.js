// The one question whose answer tells most of what a picture shows: as
// kerasfg.evaluation.metrics.question chooses it in Python.

export const MOST_QUESTIONS = 2;
const WRONG = 0.1; // share of the answers that are counted on to be wrong
const LEAST_INFORMATION = 0.01; // in bits

/**
 * How likely each answer is where a class is the true one: the options that are
 * true share what is not wrong, the others the rest.
 *
 * @param {number[][]} truth of a question
 * @param {number} wrong from 0 to below 0.5
 * @returns {number[][]} whose rows sum to 1
 */
export function chances(truth, wrong = WRONG) {
  return truth.map((row) => {
    const options = row.length;
    const count = row.filter((value) => value === 1).length;
    if (count === 0 || count === options) return row.map(() => 1 / options);
    return row.map((value) =>
      value === 1 ? (1 - wrong) / count : wrong / (options - count),
    );
  });
}

/**
 * How much the answer to a question is expected to tell: the mutual information
 * of the answer and the class.
 *
 * @param {ArrayLike<number>} probabilities of the classes
 * @param {number[][]} chance of `chances`
 * @returns {number} in bits
 */
export function expectedInformation(probabilities, chance) {
  const answers = chance[0].map(() => 0);
  let left = 0;
  chance.forEach((row, i) => {
    row.forEach((share, j) => (answers[j] += probabilities[i] * share));
    left += probabilities[i] * entropy(row);
  });
  return Math.max(entropy(answers) - left, 0);
}

/**
 * @param {ArrayLike<number>} probabilities
 * @param {number[][][]} allChances of each question
 * @param {number[]} asked places of those that were asked already
 * @returns {number|null} the place of the best question; null if none tells
 *   enough
 */
export function bestQuestion(probabilities, allChances, asked = []) {
  /** @type {number|null} */
  let best = null;
  let most = LEAST_INFORMATION;
  allChances.forEach((chance, place) => {
    if (asked.includes(place)) return;
    const told = expectedInformation(probabilities, chance);
    if (told > most || (best === null && told === most)) {
      [best, most] = [place, told];
    }
  });
  return best;
}

/**
 * The probabilities after an answer, by Bayes' rule.
 *
 * @param {ArrayLike<number>} probabilities
 * @param {number[][]} chance of the question
 * @param {number|null} answer place of the option; null for "don't know"
 * @returns {Float64Array} whose sum is 1
 */
export function reweighted(probabilities, chance, answer) {
  const before = Float64Array.from(probabilities);
  if (answer === null) return before;
  const weights = before.map((p, i) => p * chance[i][answer]);
  const total = weights.reduce((a, b) => a + b, 0);
  // Without wrong answers one may contradict every class.
  return total > 0 ? weights.map((weight) => weight / total) : before;
}

/** @param {number[]} shares */
function entropy(shares) {
  return -shares.reduce((sum, p) => (p > 0 ? sum + p * Math.log2(p) : sum), 0);
}
