// Classifies one picture after the other with one model.

import { rank } from '../kerasfg/probabilities.js';
import { makeTurns } from '../kerasfg/turns.js';
import { makeMedian, makeSmoother } from './smoothing.js';

const TOP = 3; // answers that are shown

/**
 * Makes a session, at first without a model.
 *
 * A model is a `Classifier`. `classify` returns a result, or null without a
 * model or a picture: `model`, `part` (of the picture, inside the frame),
 * `pixels` (the network's input), `raw` (its probabilities), `calibrated`
 * (after the temperature), `probabilities` (as shown: calibrated and, if
 * wanted, smoothed), `top`, `isSure`, the `milliseconds` it took, and
 * `medianMilliseconds` of the last pictures.
 */
export function makeSession() {
  const smoother = makeSmoother();
  const times = makeMedian();
  let model = null;
  const inTurn = makeTurns();

  const reset = () => smoother.reset();

  const use = (next) =>
    inTurn(async () => {
      await model?.close();
      model = next;
      reset();
      times.reset();
    });

  // `source` is a function: the picture may be gone when its turn comes.
  const classify = (source, { view, smooth, now }) =>
    inTurn(async () => {
      if (!model || !source()) return null;
      const begun = performance.now();
      const examined = await model.examine(source(), view);
      const milliseconds = performance.now() - begun;
      times.add(milliseconds);
      const { part, pixels, raw, probabilities: calibrated } = examined;
      if (!smooth) smoother.reset();
      const probabilities = smooth
        ? smoother.next(calibrated, now)
        : calibrated;
      const top = rank(model.labels, probabilities, TOP);
      return {
        model,
        part,
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
