// Classifies one picture after the other with one model.

import { makeTurns } from '../kerasfg/turns.js';
import { saidOf } from './said.js';
import { makeMedian, makeSmoother } from './smoothing.js';

/**
 * Makes a session, at first without a model.
 *
 * A model is a `Classifier`. `classify` returns a result, or null without a
 * model or a picture: `model`, `part` (of the picture, inside the frame),
 * `pixels` (the network's input), `raw` (its probabilities), `calibrated`
 * (after the temperature), `probabilities` and `familiarity` (as shown:
 * calibrated and, if wanted, smoothed), what said.js makes of them, the `zoom`,
 * the `milliseconds` it took, and `medianMilliseconds` of the last pictures.
 */
export function makeSession() {
  const smoother = makeSmoother();
  const familiarities = makeSmoother();
  const times = makeMedian();
  let model = null;
  const inTurn = makeTurns();

  const reset = () => {
    smoother.reset();
    familiarities.reset();
  };

  const use = (next) =>
    inTurn(async () => {
      await model?.close();
      model = next;
      reset();
      times.reset();
    });

  // `source` is a function: the picture may be gone when its turn comes.
  const classify = (source, { zoom, smooth, now }) =>
    inTurn(async () => {
      if (!model || !source()) return null;
      const begun = performance.now();
      const examined = await model.examine(source(), { zoom });
      const milliseconds = performance.now() - begun;
      times.add(milliseconds);
      const { part, pixels, raw, probabilities: calibrated } = examined;
      if (!smooth) reset();
      const steady = (smoothed, values) =>
        smooth ? smoothed.next(values, now) : values;
      const probabilities = steady(smoother, calibrated);
      const told = examined.familiarity;
      const familiarity =
        told === null ? null : steady(familiarities, [told])[0];
      return {
        ...{ model, part, pixels, raw, calibrated, probabilities, zoom },
        ...saidOf(model, { probabilities, familiarity }),
        milliseconds,
        medianMilliseconds: times.value(),
      };
    });

  return { use, classify, reset, model: () => model };
}
