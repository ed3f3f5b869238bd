// Classifies one picture after the other with one model.

import { makeReader } from '../camera/crop.js';
import { resample } from '../camera/low_resolution.js';
import { applyTemperature, isSure, topClasses } from './probabilities.js';
import { makeMedian, makeSmoother } from './smoothing.js';

/**
 * Makes a session, at first without a model.
 *
 * `classify` returns a result, or null without a model or a picture: `model`,
 * `picture` (the part inside the frame), `pixels` (the network's input), `raw`
 * (its probabilities), `calibrated` (after the temperature), `probabilities`
 * (as shown: calibrated and, if wanted, smoothed), `top`, `isSure`, the
 * `milliseconds` it took, and `medianMilliseconds` of the last pictures.
 */
export function makeSession() {
  const read = makeReader();
  const smoother = makeSmoother();
  const times = makeMedian();
  let model = null;
  let last = Promise.resolve();

  // One task at a time, so that no model is deleted while it runs.
  const inTurn = (task) => {
    const done = last.then(task);
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

  // `source` is a function: the picture may be gone when its turn comes.
  const classify = (source, { zoom, smooth, now }) =>
    inTurn(async () => {
      if (!model || !source()) return null;
      const begun = performance.now();
      const picture = read(source(), model, zoom);
      const pixels = resample(picture, model.imageSize);
      const raw = await model.run(pixels);
      const milliseconds = performance.now() - begun;
      times.add(milliseconds);
      const calibrated = applyTemperature(raw, model.temperature);
      if (!smooth) smoother.reset();
      const probabilities = smooth
        ? smoother.next(calibrated, now)
        : calibrated;
      return {
        model,
        picture,
        pixels,
        raw,
        calibrated,
        probabilities,
        top: topClasses(probabilities).map(({ index, probability }) => ({
          name: model.classNames[index],
          probability,
        })),
        isSure: isSure(probabilities, model.threshold),
        milliseconds,
        medianMilliseconds: times.value(),
      };
    });

  return { use, classify, reset, model: () => model };
}
