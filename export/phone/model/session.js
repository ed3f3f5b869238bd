// Classifies one picture after the other with one model.

import { rank } from '../kerasfg/probabilities.js';
import { makeTurns } from '../kerasfg/turns.js';
import { makeMedian, makeSmoother } from './smoothing.js';

const TOP = 3; // answers that are shown
// The self-test is run again after so many pictures, and then each time that so
// many more were classified: on some devices a runtime goes wrong later
// (google-ai-edge/LiteRT#8065).
const FIRST_TEST = 30;
const NEXT_TESTS = 1000;

/**
 * Makes a session, at first without a model.
 *
 * A model is a `Classifier`. `classify` returns a result, or null without a
 * model or a picture: `model`, `part` (of the picture, inside the frame, if it
 * is wanted), `pixels` (the network's input), `raw` (its probabilities),
 * `calibrated` (after the temperature), `probabilities` (as shown: calibrated
 * and, if wanted, smoothed), `top`, `isSure`, the `milliseconds` it took, and
 * `medianMilliseconds` of the last pictures.
 */
export function makeSession() {
  const smoother = makeSmoother();
  const times = makeMedian();
  let model = null;
  let untilTest = FIRST_TEST;
  const inTurn = makeTurns();

  const reset = () => smoother.reset();

  const use = (next) =>
    inTurn(async () => {
      await model?.close();
      model = next;
      untilTest = FIRST_TEST;
      reset();
      times.reset();
    });

  /** It takes as long as one more picture, and fails as loading does. */
  const testAgain = async () => {
    untilTest -= 1;
    if (untilTest > 0) return;
    untilTest = NEXT_TESTS;
    await model.test();
  };

  // `source` is a function: the picture may be gone when its turn comes.
  const classify = (source, { view, smooth, now, part = false }) =>
    inTurn(async () => {
      if (!model || !source()) return null;
      const begun = performance.now();
      const examined = await model.examine(source(), { ...view, part });
      const milliseconds = performance.now() - begun;
      times.add(milliseconds);
      await testAgain();
      const { pixels, raw, probabilities: calibrated } = examined;
      if (!smooth) smoother.reset();
      const probabilities = smooth
        ? smoother.next(calibrated, now)
        : calibrated;
      const top = rank(model.labels, probabilities, TOP);
      return {
        model,
        part: examined.part,
        pixels,
        raw,
        calibrated,
        probabilities,
        top,
        isSure: model.isSure(top),
        milliseconds,
        medianMilliseconds: times.value(),
      };
    });

  return { use, classify, reset, model: () => model };
}
