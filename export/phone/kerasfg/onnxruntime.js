// Runs an .onnx file with onnxruntime-web, on the processor.

import { asProblem, Problem } from './problem.js';

/**
 * Loads a model.
 *
 * @param {Uint8Array} bytes of the file
 * @param {URL} runtime the folder `lib`
 * @returns {Promise<import('./litert.js').Network>}
 * @throws {Problem} if the runtime refuses the file
 */
export async function loadModel(bytes, runtime) {
  const folder = new URL('ort/', runtime);
  const script = new URL('ort.wasm.min.mjs', folder).href;
  // A bundler must leave it where it is served.
  const ort = await import(
    /* @vite-ignore */ /* webpackIgnore: true */ script
  );
  ort.env.wasm.wasmPaths = folder.href;
  ort.env.wasm.numThreads = globalThis.crossOriginIsolated
    ? Math.min(4, navigator.hardwareConcurrency ?? 1)
    : 1;
  const session = await create(ort, bytes);
  return {
    input: onlyTensor(session.inputMetadata),
    output: onlyTensor(session.outputMetadata),
    run: (pixels, shape) => run(session, ort.Tensor, pixels, shape),
    delete: () => session.release(),
  };
}

/**
 * @param {any} ort
 * @param {Uint8Array} bytes
 */
async function create(ort, bytes) {
  try {
    return await ort.InferenceSession.create(bytes, {
      executionProviders: ['wasm'],
    });
  } catch (error) {
    throw asProblem(error, 'modelRefused');
  }
}

/** @param {any[]} metadata */
function onlyTensor(metadata) {
  if (metadata.length !== 1) throw new Problem('modelInput');
  return { dtype: metadata[0].type, shape: Array.from(metadata[0].shape) };
}

/**
 * @param {any} session
 * @param {any} Tensor
 * @param {Uint8Array} pixels
 * @param {number[]} shape
 */
async function run(session, Tensor, pixels, shape) {
  const input = new Tensor('uint8', pixels, shape);
  const outputs = await session.run({ [session.inputNames[0]]: input });
  const [output] = Object.values(outputs);
  const probabilities = Float32Array.from(output.data);
  output.dispose();
  input.dispose();
  return probabilities;
}
