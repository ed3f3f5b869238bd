// The test that a model passes on each device before it is used.

import { largestDifference } from '../probabilities.js';
import { asProblem, Problem } from '../problem.js';

/**
 * Runs the model's own test picture.
 *
 * @param {{run: (pixels: Uint8Array) =>
 *   Promise<import('../litert.js').Outputs>,
 *   selfTest: import('../description.js').Description["selfTest"]}} model
 * @throws {Problem} `selfTestFailed`, or `modelRefused` if it does not run
 */
export async function runSelfTest({ run, selfTest }) {
  const { image, probabilities, tolerance } = selfTest;
  let actual;
  try {
    actual = await run(image);
  } catch (error) {
    throw asProblem(error, 'modelRefused');
  }
  const { familiarity } = actual;
  const isShare = familiarity === null || (familiarity >= 0 && familiarity <= 1);
  const difference = largestDifference(actual.probabilities, probabilities);
  if (!(difference <= tolerance) || !isShare) {
    throw new Problem('selfTestFailed');
  }
}
