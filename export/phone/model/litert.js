// Runs a .tflite file with LiteRT.js, on the processor.

import { Problem } from '../ui/problem.js';

const LIBRARY = new URL('../lib/litert/', import.meta.url);
let library = null;

/**
 * Loads a model.
 *
 * @param {Uint8Array} bytes of the file
 * @returns {Promise<{input: object, output: object,
 *   run: (pixels: Uint8Array, shape: number[]) => Promise<Float32Array>,
 *   delete: () => void}>} `input` and `output` hold `dtype` and `shape`
 * @throws {Problem} if the runtime does not start or refuses the file
 */
export async function loadModel(bytes) {
  library ??= loadLibrary();
  // After a failure, as without a network, the next call tries again.
  library.catch(() => (library = null));
  const { loadAndCompile, Tensor, threads } = await library;
  const model = await compile(loadAndCompile, bytes, threads);
  try {
    return {
      input: onlyTensor(model.getInputDetails()),
      output: onlyTensor(model.getOutputDetails()),
      run: (pixels, shape) => run(model, Tensor, pixels, shape),
      delete: () => model.delete(),
    };
  } catch (error) {
    model.delete();
    throw error instanceof Problem
      ? error
      : new Problem('modelRefused', { reason: error.message });
  }
}

async function loadLibrary() {
  const litert = await import(new URL('index.js', LIBRARY));
  const wanted = Math.min(4, navigator.hardwareConcurrency ?? 1);
  const path = new URL('wasm/', LIBRARY).href;
  // Threads need shared memory, which only isolated pages may have.
  if (globalThis.crossOriginIsolated && wanted > 1) {
    try {
      await litert.loadLiteRt(path, { threads: true });
      return { ...litert, threads: wanted };
    } catch (error) {
      console.warn('One thread, as several did not start:', error);
    }
  }
  await litert.loadLiteRt(path);
  return { ...litert, threads: 1 };
}

async function compile(loadAndCompile, bytes, threads) {
  const options = { accelerator: 'wasm' };
  if (threads > 1) options.cpuOptions = { numThreads: threads };
  try {
    return await loadAndCompile(bytes, options);
  } catch (error) {
    throw new Problem('modelRefused', { reason: error.message });
  }
}

function onlyTensor(details) {
  if (details.length !== 1) throw new Problem('modelInput');
  return { dtype: details[0].dtype, shape: Array.from(details[0].shape) };
}

async function run(model, Tensor, pixels, shape) {
  const input = new Tensor(pixels, shape);
  let outputs = [];
  try {
    outputs = await model.run([input]);
    // A copy: the tensor's own memory goes away with it.
    return Float32Array.from(outputs[0].toTypedArray());
  } finally {
    for (const output of outputs) output.delete();
    input.delete();
  }
}
