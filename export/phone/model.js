// A model that has proved itself on this device, or a reason why not.

import { largestDifference, tensorShape } from './classify.js';
import { describe } from './description.js';
import { sha256 } from './hash.js';
import { readMetadata } from './metadata.js';
import { asProblem, Problem } from './problem.js';

const ENGINES = {
  litert: './engine_litert.js',
  onnxruntime: './engine_onnx.js',
};

/**
 * Lists the models that were built into the app.
 *
 * @returns {Promise<{name: string, folder: string, file: string,
 *   engine: string}[]>}
 */
export async function listModels() {
  const models = await fetchPart('models/models.json', 'json');
  if (!Array.isArray(models) || models.length === 0) {
    throw new Problem('noModels');
  }
  return models;
}

/**
 * Loads one of `listModels` and tests it.
 *
 * @param {{folder: string, file: string, engine: string}} entry
 * @returns {Promise<object>} see `prove`
 * @throws {Problem} if it cannot be loaded, or does not pass its test
 */
export async function loadListedModel({ name, folder, file, engine }) {
  const directory = `models/${encodeURIComponent(folder)}/`;
  const manifest = await fetchPart(`${directory}kerasfg.json`, 'json');
  const facts = manifest?.files?.[file];
  if (!facts) throw new Problem('modelForeign');
  const path = directory + encodeURIComponent(file);
  const bytes = new Uint8Array(await fetchPart(path, 'arrayBuffer'));
  if ((await sha256(bytes)) !== facts.sha256) {
    throw new Problem('modelChanged');
  }
  // A file for larger pictures carries a self-test of its own.
  const description =
    facts.image_size === manifest.image_size
      ? describe(manifest, facts.self_test)
      : await readMetadata(bytes);
  const named = { ...description, name: name || description.name };
  return prove(bytes, named, { engine, file });
}

/**
 * Loads a .tflite file of the user's and tests it.
 *
 * @param {Uint8Array} bytes of the file
 * @param {string} file its name, for a model without a title
 * @returns {Promise<object>} see `prove`
 * @throws {Problem} if `kerasfg export` did not make it, or it does not pass
 */
export async function loadOwnModel(bytes, file) {
  const description = await readMetadata(bytes);
  const name = description.name || file.replace(/\.tflite$/i, '');
  return prove(bytes, { ...description, name }, { engine: 'litert', file });
}

/**
 * Loads the network and runs its own test picture.
 *
 * @returns {Promise<object>} the description with `engine`, `file`,
 *   `run(pixels)`, which gives the probabilities, and `delete()`
 */
async function prove(bytes, description, { engine, file }) {
  if (!Object.hasOwn(ENGINES, engine)) throw new Problem('modelForeign');
  const network = await startEngine(engine, bytes);
  const { imageSize, selfTest } = description;
  const run = (pixels) =>
    network.run(pixels, tensorShape(pixels, imageSize));
  const close = () => network.delete();
  try {
    checkContract(network, description);
    await selfTestOnce(run, selfTest);
  } catch (error) {
    close();
    throw error;
  }
  return { ...description, engine, file, run, delete: close };
}

async function startEngine(engine, bytes) {
  try {
    const { loadModel } = await import(ENGINES[engine]);
    return await loadModel(bytes);
  } catch (error) {
    throw asProblem(error, 'engineFailed');
  }
}

function checkContract({ input, output }, { imageSize, classNames }) {
  const same = (shape, expected) => shape.join() === expected.join();
  const [inShape, outShape] = [
    [1, imageSize, imageSize, 3],
    [1, classNames.length],
  ];
  if (input.dtype !== 'uint8' || !same(input.shape, inShape)) {
    throw new Problem('modelInput');
  }
  if (output.dtype !== 'float32' || !same(output.shape, outShape)) {
    throw new Problem('modelOutput');
  }
}

async function selfTestOnce(run, { image, probabilities, tolerance }) {
  let given;
  try {
    given = await run(image);
  } catch (error) {
    throw new Problem('modelRefused', { reason: error.message });
  }
  if (!(largestDifference(given, probabilities) <= tolerance)) {
    throw new Problem('selfTestFailed');
  }
}

async function fetchPart(path, as) {
  try {
    const response = await fetch(path);
    if (!response.ok) throw new Error(String(response.status));
    return await response[as]();
  } catch {
    throw new Problem('missingPart', { path });
  }
}
