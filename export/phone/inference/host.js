// What decodes, shrinks and classifies pictures. It runs in a worker, or in the
// page of a browser that has none for it: remote.js chooses.

import { Classifier, Problem } from '../kerasfg/classifier.js';
import { engineOf, warmEngine } from '../kerasfg/engines.js';
import { loadFile, loadFolder } from '../kerasfg/load.js';
import { decodePicture } from '../kerasfg/picture.js';
import { DECODING } from '../kerasfg/pixels/decoding.js';

/**
 * Makes a host. Models and still pictures stay in it; the page knows them by
 * their numbers. Each function returns what can be sent to another thread.
 */
export function makeHost() {
  const models = new Map();
  const stills = new Map();
  let count = 0;

  const keepModel = (model) => {
    const number = (count += 1);
    models.set(number, new Classifier(model));
    return { number, facts: withoutFunctions(model) };
  };

  const find = (number) => {
    if (!models.has(number)) {
      throw new Problem('classifyFailed', { reason: 'it was closed' });
    }
    return models.get(number);
  };

  return {
    /** Fetches the runtime for a file with this name. */
    warm: (file) => warmEngine(engineOf(file) ?? 'tflite'),

    /** As `Classifier.load`; `onProgress` is called with bytes. */
    load: async (folder, options, onProgress) =>
      keepModel(await loadFolder(folder, { ...options, onProgress })),

    /** As `Classifier.open`. */
    open: async (file, options) => keepModel(await loadFile(file, options)),

    /** As `examine` of a classifier. `picture` may be the number of a still. */
    examine: (number, picture, options) =>
      find(number).examine(stills.get(picture)?.source ?? picture, options),

    /** As `test` of a classifier. */
    test: (number) => find(number).test(),

    close: async (number) => {
      const model = models.get(number);
      models.delete(number);
      await model?.close();
    },

    /**
     * Decodes a picture file. Returns its number and a picture of it of at most
     * `side` pixels, to look at.
     */
    openStill: async (file, size, side) => {
      const { source, close } = await decodePicture(file, size);
      const { width, height } = source;
      const shown = await reduced(source, side);
      const number = (count += 1);
      stills.set(number, { source, close });
      return { number, width, height, shown };
    },

    closeStill: async (number) => {
      stills.get(number)?.close();
      stills.delete(number);
    },
  };
}

/** A picture of at most `side` pixels, to look at. */
function reduced(source, side) {
  const { width, height } = source;
  const scale = Math.min(1, side / Math.max(width, height));
  const options = scale < 1 && {
    resizeWidth: Math.max(1, Math.round(width * scale)),
    resizeHeight: Math.max(1, Math.round(height * scale)),
    resizeQuality: 'medium',
  };
  return 'blob' in source
    ? createImageBitmap(source.blob, { ...DECODING, ...options })
    : createImageBitmap(source, options || {});
}

function withoutFunctions(model) {
  return Object.fromEntries(
    Object.entries(model).filter(([, value]) => typeof value !== 'function'),
  );
}
