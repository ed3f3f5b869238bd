// Runs a .tflite file with LiteRT.js, on the processor.

import { startLitert } from './loading/litert_runtime.js';
import { placeOfProbabilities, sorted } from './probabilities.js';
import { asProblem, Problem } from './problem.js';

/**
 * @typedef {object} Outputs
 * @property {Float32Array} probabilities
 * @property {number|null} familiarity from 0 to 1; null if it is not given
 *
 * @typedef {object} Network
 * @property {{dtype: string, shape: number[]}} input
 * @property {{dtype: string, shape: number[]}} output
 * @property {boolean} givesFamiliarity
 * @property {(pixels: Uint8Array, shape: number[]) => Promise<Outputs>} run
 * @property {() => void} delete
 */

/**
 * Loads a model.
 *
 * @param {Uint8Array} bytes of the file
 * @param {URL} runtime the folder `lib`
 * @returns {Promise<Network>}
 * @throws {Problem} if the runtime does not start or refuses the file
 */
export async function loadModel(bytes, runtime) {
  const { loadAndCompile, Tensor, threads } = await warm(runtime);
  const model = await compile(loadAndCompile, bytes, threads);
  try {
    const outputs = model.getOutputDetails().map(tensorOf);
    const place = placeOfProbabilities(outputs.map((x) => x.shape));
    if (place < 0) throw new Problem('modelOutput');
    return {
      input: onlyTensor(model.getInputDetails()),
      output: outputs[place],
      givesFamiliarity: outputs.length === 2,
      run: (pixels, shape) => run(model, Tensor, pixels, shape, place),
      delete: () => model.delete(),
    };
  } catch (error) {
    model.delete();
    throw asProblem(error, 'modelRefused');
  }
}

/**
 * Fetches and starts the runtime, so that a model need not wait for it.
 *
 * @param {URL} runtime the folder `lib`
 */
export function warm(runtime) {
  return startLitert(new URL('litert/', runtime));
}

/**
 * @param {Function} loadAndCompile
 * @param {Uint8Array} bytes
 * @param {number} threads
 */
async function compile(loadAndCompile, bytes, threads) {
  const several = threads > 1 && { cpuOptions: { numThreads: threads } };
  const options = { accelerator: 'wasm', ...several };
  try {
    return await loadAndCompile(bytes, options);
  } catch (error) {
    throw asProblem(error, 'modelRefused');
  }
}

/**
 * @param {{dtype: string, shape: Iterable<number>}[]} details
 */
function onlyTensor(details) {
  if (details.length !== 1) throw new Problem('modelInput');
  return tensorOf(details[0]);
}

/** @param {{dtype: string, shape: Iterable<number>}} details */
function tensorOf({ dtype, shape }) {
  return { dtype, shape: Array.from(shape) };
}

/**
 * @param {any} model
 * @param {any} Tensor
 * @param {Uint8Array} pixels
 * @param {number[]} shape
 * @param {number} place of the probabilities
 */
async function run(model, Tensor, pixels, shape, place) {
  const input = new Tensor(pixels, shape);
  /** @type {any[]} */
  let outputs = [];
  try {
    outputs = await model.run([input]);
    // Copies: the tensors' own memory goes away with them.
    const values = outputs.map((x) => Float32Array.from(x.toTypedArray()));
    return sorted(values, place);
  } finally {
    for (const output of outputs) output.delete();
    input.delete();
  }
}
