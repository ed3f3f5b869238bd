// The runtimes: which one runs a file, and whether this browser runs any.

import { asProblem, Problem } from './problem.js';

/** @typedef {"tflite"|"onnx"} Engine */

const ENGINES = {
  tflite: () => import('./litert.js'),
  onnx: () => import('./onnxruntime.js'),
};
// In two steps: a bundler would take the folder for a script.
const HERE = import.meta.url;
const LIBRARY = new URL('./lib/', HERE);

// (module (func (result v128) i32.const 0; i8x16.splat; i8x16.popcnt))
const SIMD = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1,
  8, 0, 65, 0, 253, 15, 253, 98, 11,
);

/**
 * @param {string} file its name
 * @returns {Engine|null}
 */
export function engineOf(file) {
  if (file.endsWith('.tflite')) return 'tflite';
  return file.endsWith('.onnx') ? 'onnx' : null;
}

/**
 * Starts a runtime with a model.
 *
 * @param {Engine} engine
 * @param {Uint8Array} bytes
 * @param {string|URL} runtime the folder `lib`
 * @returns {Promise<import('./litert.js').Network>}
 * @throws {Problem} if it does not start or refuses the model
 */
export async function startEngine(engine, bytes, runtime = LIBRARY) {
  if (!hasSimd()) throw new Problem('noSimd');
  try {
    const { loadModel } = await ENGINES[engine]();
    return await loadModel(bytes, folderOf(runtime));
  } catch (error) {
    throw asProblem(error, 'engineFailed');
  }
}

/**
 * Fetches a runtime while its model is still being fetched. It fails silently:
 * `startEngine` tries again, and says why.
 *
 * @param {Engine} engine
 * @param {string|URL} runtime the folder `lib`
 */
export async function warmEngine(engine, runtime = LIBRARY) {
  if (!hasSimd()) return;
  try {
    const { warm } = await ENGINES[engine]();
    await warm(folderOf(runtime));
  } catch {
    // See above.
  }
}

/** @param {string|URL} runtime */
function folderOf(runtime) {
  const directory = String(runtime).replace(/\/?$/, '/');
  // A worker has no document, and gets whole addresses.
  return new URL(directory, globalThis.document?.baseURI);
}

/** Whether there is WebAssembly with SIMD, which both are built for. */
export function hasSimd() {
  return typeof WebAssembly === 'object' && WebAssembly.validate(SIMD);
}
