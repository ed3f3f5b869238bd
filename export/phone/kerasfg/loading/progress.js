// How much of a model and of its runtime is there.

import { watchLitert } from './litert_runtime.js';

/**
 * Adds up what has arrived of both, which are fetched side by side.
 *
 * @param {((loaded: number, total: number) => void)|undefined} onProgress
 *   called with bytes
 * @param {number} modelBytes how many the model has
 * @param {boolean} isLitert whether LiteRT.js runs it, whose bytes are counted
 * @returns {{onModelBytes: ((loaded: number) => void)|undefined,
 *   stop: () => void}} `stop` ends the calls
 */
export function makeProgress(onProgress, modelBytes, isLitert) {
  if (!onProgress) return { onModelBytes: undefined, stop: () => {} };
  let [model, runtime, runtimeBytes] = [0, 0, 0];
  const report = () => {
    const total = runtimeBytes + Math.max(model, modelBytes);
    onProgress(runtime + model, total);
  };
  const onModelBytes = (/** @type {number} */ loaded) => {
    model = loaded;
    report();
  };
  if (!isLitert) return { onModelBytes, stop: () => {} };
  const stop = watchLitert((loaded, total) => {
    runtime = loaded;
    runtimeBytes = total;
    report();
  });
  return { onModelBytes, stop };
}
