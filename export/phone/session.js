// A model that looks at one picture after the other.

import { applyTemperature, isSure, topClasses } from './classify.js';
import { makeReader } from './reader.js';
import { resample } from './resample.js';
import { makeMedian, makeSmoother } from './smoothing.js';

/**
 * Makes a session, at first without a model.
 *
 * `look` gives a result: `model`, `pixels` (what the network got), `raw` (its
 * probabilities), `own` (after the temperature), `probabilities` (smoothed, if
 * wanted), `top`, `sure`, and the milliseconds `taken` in all and, the median
 * of late, `usual`.
 */
export function makeSession() {
  const read = makeReader();
  const smoother = makeSmoother();
  const times = makeMedian();
  let model = null;
  let last = Promise.resolve();

  // One after the other, so that no model is deleted while it works.
  const inTurn = (work) => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };

  const reset = () => smoother.reset();

  const use = (next) =>
    inTurn(() => {
      model?.delete();
      model = next;
      reset();
      times.reset();
    });

  // `source` is a function, as a picture may be gone when its turn comes.
  const look = (source, { zoom, smooth, now }) =>
    inTurn(async () => {
      if (!model || !source()) return null;
      const begun = performance.now();
      const picture = read(source(), model, zoom);
      const pixels = resample(picture, model.imageSize);
      const raw = await model.run(pixels);
      const taken = performance.now() - begun;
      times.add(taken);
      const own = applyTemperature(raw, model.temperature);
      if (!smooth) smoother.reset();
      const probabilities = smooth ? smoother.next(own, now) : own;
      return {
        model,
        picture,
        pixels,
        raw,
        own,
        probabilities,
        top: topClasses(probabilities).map(({ index, probability }) => ({
          name: model.classNames[index],
          probability,
        })),
        sure: isSure(probabilities, model.threshold),
        taken,
        usual: times.value(),
      };
    });

  return { use, look, reset, model: () => model };
}
