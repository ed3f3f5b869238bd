// Runs an .onnx file with onnxruntime-web, on the processor.

import { Problem } from '../ui/problem.js';

const LIBRARY = new URL('../lib/ort/', import.meta.url);

/**
 * Loads a model.
 *
 * @param {Uint8Array} bytes of the file
 * @returns {Promise<object>} as in litert.js
 * @throws {Problem} if the runtime refuses the file
 */
export async function loadModel(bytes) {
  const ort = await import(new URL('ort.wasm.min.mjs', LIBRARY));
  ort.env.wasm.wasmPaths = LIBRARY.href;
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

async function create(ort, bytes) {
  try {
    return await ort.InferenceSession.create(bytes, {
      executionProviders: ['wasm'],
    });
  } catch (error) {
    throw new Problem('modelRefused', { reason: error.message });
  }
}

function onlyTensor(metadata) {
  if (metadata.length !== 1) throw new Problem('modelInput');
  return { dtype: metadata[0].type, shape: Array.from(metadata[0].shape) };
}

async function run(session, Tensor, pixels, shape) {
  const input = new Tensor('uint8', pixels, shape);
  const outputs = await session.run({ [session.inputNames[0]]: input });
  const [output] = Object.values(outputs);
  const probabilities = Float32Array.from(output.data);
  output.dispose();
  input.dispose();
  return probabilities;
}
