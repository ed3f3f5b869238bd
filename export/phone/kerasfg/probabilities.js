// Arithmetic on a model's probabilities. Nothing here needs a browser.

// The smallest normal float32, as in kerasfg.evaluation.metrics.calibration.
const TINY = 2 ** -126;
const FEW = 50; // more classes are sorted

/**
 * Checks that pixels fit a model's input, and returns the tensor's shape.
 *
 * @param {Uint8Array} pixels `size * size * 3` values, row by row, RGB
 * @param {number} size side of the model's input
 * @returns {number[]} `[1, size, size, 3]`
 */
export function tensorShape(pixels, size) {
  if (!(pixels instanceof Uint8Array) || pixels.length !== size * size * 3) {
    throw new RangeError(
      'Argument `pixels` must be a Uint8Array of size * size * 3 values. ' +
        `Received: ${pixels?.length} values for size=${size}`,
    );
  }
  return [1, size, size, 3];
}

/**
 * Finds the probabilities among what a model gives: beside them it may give one
 * number, how familiar the picture is.
 *
 * @param {ArrayLike<number>[]} shapes of the outputs
 * @returns {number} the position; -1 if the outputs are others
 */
export function placeOfProbabilities(shapes) {
  const isNumber = shapes.map((shape) => Array.from(shape).join() === '1,1');
  const numbers = isNumber.filter(Boolean).length;
  const isKnown = shapes.length === numbers + 1 && numbers <= 1;
  return isKnown ? isNumber.indexOf(false) : -1;
}

/**
 * Names what a model gives.
 *
 * @param {Float32Array[]} values of its outputs, two at most
 * @param {number} place of the probabilities
 * @returns {{probabilities: Float32Array, familiarity: number|null}}
 */
export function sorted(values, place) {
  return {
    probabilities: values[place],
    familiarity: values[1 - place]?.[0] ?? null,
  };
}

/**
 * Computes `softmax(log(probabilities) / temperature)`.
 *
 * @param {ArrayLike<number>} probabilities of the classes
 * @param {number|null} temperature positive, or null to change nothing
 * @returns {Float64Array}
 */
export function applyTemperature(probabilities, temperature) {
  if (temperature === null || temperature === undefined) {
    return Float64Array.from(probabilities);
  }
  const logits = Float64Array.from(
    probabilities,
    (p) => Math.log(Math.max(p, TINY)) / temperature,
  );
  const highest = logits.reduce((a, b) => Math.max(a, b));
  const powers = logits.map((logit) => Math.exp(logit - highest));
  const total = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / total);
}

/**
 * @typedef {{label: string, probability: number}} Answer
 */

/**
 * Lists the most probable classes, the best first.
 *
 * @param {string[]} labels of the classes
 * @param {ArrayLike<number>} probabilities of the classes, in the same order
 * @param {number} count how many at most. Defaults to all.
 * @returns {Answer[]}
 */
export function rank(labels, probabilities, count = Infinity) {
  const places =
    count < FEW && count < labels.length
      ? bestPlaces(probabilities, labels.length, count)
      : Array.from(labels, (_, i) => i).sort(
          (a, b) => probabilities[b] - probabilities[a], // equal ones as they were
        );
  return places
    .slice(0, count)
    .map((i) => ({ label: labels[i], probability: probabilities[i] }));
}

/**
 * Finds the first places of the sorted probabilities without sorting: there may
 * be 10,000 in each frame of a camera.
 *
 * @param {ArrayLike<number>} probabilities
 * @param {number} classes
 * @param {number} count
 * @returns {number[]}
 */
function bestPlaces(probabilities, classes, count) {
  /** @type {number[]} */
  const places = [];
  for (let i = 0; i < classes; i++) {
    const last = places.length < count ? -1 : probabilities[places[count - 1]];
    if (!(probabilities[i] > last)) continue;
    let at = places.length;
    while (at > 0 && probabilities[places[at - 1]] < probabilities[i]) at--;
    places.splice(at, 0, i);
    if (places.length > count) places.pop();
  }
  return places;
}

/**
 * Compares a model's probabilities for its test picture with the expected.
 *
 * @param {ArrayLike<number>} actual probabilities on this device
 * @param {ArrayLike<number>} expected probabilities from the export
 * @returns {number} the largest difference; Infinity if they cannot be
 *   compared
 */
export function largestDifference(actual, expected) {
  if (actual.length !== expected.length || expected.length === 0) {
    return Infinity;
  }
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    if (!Number.isFinite(difference)) return Infinity;
    largest = Math.max(largest, difference);
  }
  return largest;
}
