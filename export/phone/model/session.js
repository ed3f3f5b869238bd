// Classifies one picture after the other with one model.

import { makeTurns } from '../kerasfg/turns.js';
import { saidOf } from './said.js';
import { makeMedian, makeSmoother } from './smoothing.js';

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
 * is wanted), `side` (its shorter one), `pixels` (the network's input), `raw`
 * (its probabilities), `calibrated` (after the temperature), `probabilities` and
 * `familiarity` (as shown: calibrated and, if wanted, smoothed), what said.js
 * makes of them, the `zoom`, the `milliseconds` it took, and
 * `medianMilliseconds` of the last pictures.
 */
export function makeSession() {
  const smoother = makeSmoother();
  const familiarities = makeSmoother();
  const times = makeMedian();
  let model = null;
  let untilTest = FIRST_TEST;
  const inTurn = makeTurns();

  const reset = () => {
    smoother.reset();
    familiarities.reset();
  };

  const use = (next) =>
    inTurn(async () => {
      try {
        await model?.close();
      } catch {
        // It has ended already, by an error that was told.
      }
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
      const { part: cut, side, pixels, raw } = examined;
      const { probabilities: calibrated, familiarity: told } = examined;
      if (!smooth) reset();
      const steady = (smoothed, values) =>
        smooth ? smoothed.next(values, now) : values;
      const probabilities = steady(smoother, calibrated);
      const familiarity =
        told === null ? null : steady(familiarities, [told])[0];
      return {
        ...{ model, part: cut, side, pixels, raw, calibrated, probabilities },
        zoom: view.zoom,
        ...saidOf(model, { probabilities, familiarity }),
        milliseconds,
        medianMilliseconds: times.value(),
      };
    });

  return { use, classify, reset, model: () => model };
}
