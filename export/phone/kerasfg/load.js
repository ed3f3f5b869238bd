// Loads a model. It must pass its self-test on this device, or loading fails
// with the reason.

import { sha256 } from './checksums.js';
import { describe } from './description.js';
import { engineOf, startEngine, warmEngine } from './engines.js';
import { fetchPart } from './loading/fetch_part.js';
import { makeProgress } from './loading/progress.js';
import { runSelfTest } from './loading/self_test.js';
import { MAX_MODEL_BYTES, readMetadata } from './metadata.js';
import { tensorShape } from './probabilities.js';
import { Problem } from './problem.js';

/**
 * @typedef {import('./description.js').Description} Description
 * @typedef {import('./engines.js').Engine} Engine
 * @typedef {Description & {file: string,
 *   run: (pixels: Uint8Array) => Promise<import('./litert.js').Outputs>,
 *   delete: () => void
 * }} Model
 * @typedef {object} LoadOptions
 * @property {string} [file] of the folder: by default the one for exact pixels
 *   of the recommended variant
 * @property {string} [name] a title in place of the model's own
 * @property {string|URL} [runtime] address of the folder `lib`, if it does not
 *   lie beside these scripts, as with a bundler
 * @property {(loaded: number, total: number) => void} [onProgress] called with
 *   the bytes of the runtime and of the model that are there, and of all
 */

/**
 * Loads a model from its folder and tests it.
 *
 * @param {string|URL} folder address, relative to the page
 * @param {LoadOptions} options
 * @returns {Promise<Model>}
 * @throws {Problem} if it cannot be loaded or fails its self-test
 */
export async function loadFolder(folder, options) {
  const directory = String(folder).replace(/\/?$/, '/');
  // The runtime is fetched meanwhile.
  warmEngine(engineOf(options.file ?? '') ?? 'tflite', options.runtime);
  const manifest = await fetchPart(`${directory}kerasfg.json`, 'json');
  const file = options.file ?? chooseFile(manifest);
  const files = manifest?.files ?? {};
  if (!Object.hasOwn(files, file)) {
    const listed = Object.keys(files).join(', ') || 'nothing';
    throw new Problem('modelFileMissing', { file, files: listed });
  }
  const facts = files[file];
  const engine = engineOf(file) ?? 'tflite';
  const isLitert = engine === 'tflite';
  const progress = makeProgress(options.onProgress, facts.bytes, isLitert);
  try {
    const path = directory + encodeURIComponent(file);
    const buffer = await fetchPart(path, 'arrayBuffer', progress.onModelBytes);
    const bytes = new Uint8Array(buffer);
    const description = await describeFile(bytes, facts, manifest);
    return await startAndTest(engine, bytes, file, description, options);
  } finally {
    progress.stop();
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {any} facts of the file
 * @param {any} manifest
 * @returns {Promise<Description>}
 */
async function describeFile(bytes, facts, manifest) {
  if ((await sha256(bytes)) !== facts.sha256) {
    throw new Problem('modelChanged');
  }
  const takes = takenBy(facts, manifest);
  // In format 2 a file for frames carries a description of its own.
  return takes === 'frame' && !facts.takes
    ? readMetadata(bytes)
    : describe(
        { ...manifest, takes, outputs: facts.outputs },
        facts.self_test,
      );
}

/**
 * Loads a `.tflite` file by itself and tests it.
 *
 * @param {Blob|ArrayBuffer|Uint8Array} file
 * @param {LoadOptions} options
 * @returns {Promise<Model>}
 * @throws {Problem} if `kerasfg export` did not make it, or it fails its
 *   self-test
 */
export async function loadFile(file, options) {
  const isBlob = 'arrayBuffer' in file;
  if (isBlob && file.size > MAX_MODEL_BYTES) throw new Problem('modelTooLarge');
  const buffer = isBlob ? await file.arrayBuffer() : file;
  const bytes = buffer instanceof Uint8Array ? buffer : new Uint8Array(buffer);
  const description = await readMetadata(bytes);
  const name = 'name' in file ? String(file.name) : 'model.tflite';
  return startAndTest('tflite', bytes, name, description, options);
}

/**
 * The file of the recommended variant that takes exact pixels, which come from
 * low_resolution.js; without one, a file that shrinks frames itself.
 *
 * @param {any} manifest
 */
function chooseFile(manifest) {
  const files = manifest?.files ?? {};
  const { variant = 'float32' } = files[manifest?.recommended] ?? {};
  const names = Object.keys(files).filter((name) => engineOf(name));
  const merit = (/** @type {string} */ name) =>
    4 * Number(engineOf(name) === 'tflite') +
    2 * Number(takenBy(files[name], manifest) === 'pixels') +
    Number(files[name].variant === variant);
  names.sort((a, b) => merit(b) - merit(a));
  return names[0] ?? '.tflite or .onnx file';
}

/**
 * @param {any} facts of a file
 * @param {any} manifest
 */
function takenBy(facts, manifest) {
  // Format 2 says it by the size alone.
  const isPixels = facts.image_size === manifest.image_size;
  return facts.takes ?? (isPixels ? 'pixels' : 'frame');
}

/**
 * Starts the engine with the model and runs the model's own test picture.
 *
 * @param {Engine} engine
 * @param {Uint8Array} bytes
 * @param {string} file
 * @param {Description} description
 * @param {LoadOptions} options
 * @returns {Promise<Model>}
 */
async function startAndTest(engine, bytes, file, description, options) {
  const { name, runtime } = options;
  const network = await startEngine(engine, bytes, runtime);
  const { imageSize, selfTest } = description;
  const run = (/** @type {Uint8Array} */ pixels) =>
    network.run(pixels, tensorShape(pixels, imageSize));
  const close = () => network.delete();
  try {
    checkShapes(network, description);
    await runSelfTest({ run, selfTest });
  } catch (error) {
    close();
    throw error;
  }
  const title = name || description.name || file.replace(/\.tflite$/i, '');
  return { ...description, name: title, file, run, delete: close };
}

/**
 * @param {import('./litert.js').Network} network
 * @param {Description} description
 */
function checkShapes(network, { imageSize, labels, givesFamiliarity }) {
  const { input, output } = network;
  const inShape = `1,${imageSize},${imageSize},3`;
  if (input.dtype !== 'uint8' || input.shape.join() !== inShape) {
    throw new Problem('modelInput');
  }
  const outShape = `1,${labels.length}`;
  const isFloat = output.dtype === 'float32';
  if (!isFloat || output.shape.join() !== outShape) {
    throw new Problem('modelOutput');
  }
  // A file of the version before may give one without saying so.
  if (givesFamiliarity && !network.givesFamiliarity) {
    throw new Problem('modelOutput');
  }
}
