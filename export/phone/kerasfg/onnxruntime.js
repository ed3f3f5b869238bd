// Runs an .onnx file with onnxruntime-web, on the processor.

import { placeOfProbabilities, sorted } from './probabilities.js';
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
  const ort = await warm(runtime);
  ort.env.wasm.wasmPaths = folder.href;
  ort.env.wasm.numThreads = globalThis.crossOriginIsolated
    ? Math.min(4, navigator.hardwareConcurrency ?? 1)
    : 1;
  const session = await create(ort, bytes);
  const outputs = session.outputMetadata.map(tensorOf);
  const place = placeOfProbabilities(outputs.map((x) => x.shape));
  if (place < 0) throw new Problem('modelOutput');
  return {
    input: onlyTensor(session.inputMetadata),
    output: outputs[place],
    givesFamiliarity: outputs.length === 2,
    run: (pixels, shape) => run(session, ort.Tensor, pixels, shape, place),
    delete: () => session.release(),
  };
}

/**
 * Fetches the runtime's script, so that a model need not wait for it.
 *
 * @param {URL} runtime the folder `lib`
 */
export function warm(runtime) {
  const script = new URL('ort/ort.wasm.min.mjs', runtime).href;
  // A bundler must leave it where it is served.
  return import(/* @vite-ignore */ /* webpackIgnore: true */ script);
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
  return tensorOf(metadata[0]);
}

/** @param {any} metadata */
function tensorOf({ type, shape }) {
  return { dtype: type, shape: Array.from(shape) };
}

/**
 * @param {any} session
 * @param {any} Tensor
 * @param {Uint8Array} pixels
 * @param {number[]} shape
 * @param {number} place of the probabilities
 */
async function run(session, Tensor, pixels, shape, place) {
  const input = new Tensor('uint8', pixels, shape);
  const names = session.outputNames;
  const feeds = { [session.inputNames[0]]: input };
  const outputs = await session.run(feeds, names);
  const values = names.map((name) => Float32Array.from(outputs[name].data));
  for (const name of names) outputs[name].dispose();
  input.dispose();
  return sorted(values, place);
}
