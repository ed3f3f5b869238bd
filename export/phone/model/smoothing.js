// Steady numbers on the screen: a moving average and a moving median.

/**
 * Makes a moving average of vectors that come at irregular times.
 *
 * Each new vector has the weight `1 - exp(-dt / time)`, so that the camera's
 * frame rate does not matter.
 *
 * @param {number} time in milliseconds after which a vector's weight has
 *   fallen to 37 %. Defaults to 400.
 * @returns {{next: (vector: ArrayLike<number>, now: number) => Float64Array,
 *   reset: () => void}} `next` takes a vector and the time in milliseconds
 */
export function makeSmoother(time = 400) {
  let mean = null;
  let last = 0;
  return {
    next(vector, now) {
      if (mean === null || mean.length !== vector.length) {
        mean = Float64Array.from(vector);
      } else {
        const weight = 1 - Math.exp(-Math.max(0, now - last) / time);
        mean = mean.map((value, i) => value + weight * (vector[i] - value));
      }
      last = now;
      return mean;
    },
    reset() {
      mean = null;
    },
  };
}

/**
 * Makes a moving median of numbers.
 *
 * @param {number} count how many are kept. Defaults to 31.
 */
export function makeMedian(count = 31) {
  const kept = [];
  return {
    add(value) {
      kept.push(value);
      if (kept.length > count) kept.shift();
    },
    value() {
      return kept.length === 0
        ? null
        : [...kept].sort((a, b) => a - b)[kept.length >> 1];
    },
    reset() {
      kept.length = 0;
    },
  };
}
