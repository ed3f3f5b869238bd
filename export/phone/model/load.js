// Loads a model. It must pass its self-test on this device, or loading fails
// with the reason.

import { asProblem, Problem } from '../ui/problem.js';
import { sha256 } from './checksums.js';
import { describe } from './description.js';
import { readMetadata } from './metadata.js';
import { largestDifference, tensorShape } from './probabilities.js';

const ENGINES = {
  litert: './litert.js',
  onnxruntime: './onnxruntime.js',
};

/**
 * Lists the models that were built into the app.
 *
 * @returns {Promise<{name: string, folder: string, file: string,
 *   engine: string}[]>}
 */
export async function listModels() {
  const models = await fetchFile('models/models.json', 'json');
  if (!Array.isArray(models) || models.length === 0) {
    throw new Problem('noModels');
  }
  return models;
}

/**
 * Loads a model of the app and tests it.
 *
 * @param {{folder: string, file: string, engine: string}} entry of
 *   `listModels`
 * @returns {Promise<object>} as `startAndTest` returns it
 * @throws {Problem} if it cannot be loaded or fails its self-test
 */
export async function loadListedModel({ name, folder, file, engine }) {
  const directory = `models/${encodeURIComponent(folder)}/`;
  const manifest = await fetchFile(`${directory}kerasfg.json`, 'json');
  const facts = manifest?.files?.[file];
  if (!facts) throw new Problem('modelForeign');
  const path = directory + encodeURIComponent(file);
  const bytes = new Uint8Array(await fetchFile(path, 'arrayBuffer'));
  if ((await sha256(bytes)) !== facts.sha256) {
    throw new Problem('modelChanged');
  }
  // A file for larger pictures carries a self-test of its own.
  const description =
    facts.image_size === manifest.image_size
      ? describe(manifest, facts.self_test)
      : await readMetadata(bytes);
  const named = { ...description, name: name || description.name };
  return startAndTest(bytes, named, { engine, file });
}

/**
 * Loads one of the user's .tflite files and tests it.
 *
 * @param {Uint8Array} bytes of the file
 * @param {string} file its name, the title of a model that has none
 * @returns {Promise<object>} as `startAndTest` returns it
 * @throws {Problem} if `kerasfg export` did not make it, or it fails its
 *   self-test
 */
export async function loadOwnModel(bytes, file) {
  const description = await readMetadata(bytes);
  const name = description.name || file.replace(/\.tflite$/i, '');
  const named = { ...description, name };
  return startAndTest(bytes, named, { engine: 'litert', file });
}

/**
 * Starts the engine with the model and runs the model's own test picture.
 *
 * @returns {Promise<object>} the description with `engine`, `file`,
 *   `run(pixels)`, which returns the probabilities, and `delete()`
 */
async function startAndTest(bytes, description, { engine, file }) {
  if (!Object.hasOwn(ENGINES, engine)) throw new Problem('modelForeign');
  const network = await startEngine(engine, bytes);
  const { imageSize, selfTest } = description;
  const run = (pixels) =>
    network.run(pixels, tensorShape(pixels, imageSize));
  const close = () => network.delete();
  try {
    checkShapes(network, description);
    await runSelfTest(run, selfTest);
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

function checkShapes({ input, output }, { imageSize, classNames }) {
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

async function runSelfTest(run, { image, probabilities, tolerance }) {
  let actual;
  try {
    actual = await run(image);
  } catch (error) {
    throw new Problem('modelRefused', { reason: error.message });
  }
  if (!(largestDifference(actual, probabilities) <= tolerance)) {
    throw new Problem('selfTestFailed');
  }
}

async function fetchFile(path, format) {
  try {
    const response = await fetch(path);
    if (!response.ok) throw new Error(String(response.status));
    return await response[format]();
  } catch {
    throw new Problem('missingPart', { path });
  }
}
