// Classifiers and still pictures whose work another thread does, so that
// nothing holds the page up.

import { Classifier } from '../kerasfg/classifier.js';
import { pictureSize } from '../kerasfg/pixels/large_blob.js';
import { asProblem, Problem } from '../kerasfg/problem.js';
import { connect } from './connection.js';

let connecting = null;

/** Starts the thread. Without it the first call does. */
export function startHost() {
  if (!connecting) {
    const forget = () => (connecting = null);
    connecting = connect(forget);
    connecting.catch(forget); // the next call tries again
  }
  return connecting;
}

/**
 * Starts the thread, and the runtime in it, before a model needs them.
 *
 * @param {string} file the name of a model file
 */
export async function warmUp(file) {
  const host = await startHost();
  await host.call('warm', [file]);
}

/**
 * As `Classifier.load`.
 *
 * @param {string} folder its address, relative to the page
 * @param {{name?: string, file?: string}} options
 * @param {(loaded: number, total: number) => void} [onProgress] called with
 *   bytes
 * @returns {Promise<RemoteClassifier>}
 */
export async function loadModel(folder, options, onProgress) {
  const host = await startHost();
  const address = new URL(folder, document.baseURI).href;
  const given = [address, options];
  const { number, facts } = await host.call('load', given, { onProgress });
  return new RemoteClassifier(facts, number, host);
}

/**
 * As `Classifier.open`.
 *
 * @param {Blob|Uint8Array} file
 * @param {{name?: string}} options
 * @returns {Promise<RemoteClassifier>}
 */
export async function openModel(file, options = {}) {
  const host = await startHost();
  const { number, facts } = await host.call('open', [file, options]);
  return new RemoteClassifier(facts, number, host);
}

/**
 * Decodes a picture file.
 *
 * @param {File} file
 * @param {number} side of `shown` at most, in pixels
 * @returns {Promise<Still>}
 * @throws {Problem} `pictureBroken`
 */
export async function openStill(file, side) {
  const host = await startHost();
  const size = await pictureSize(file);
  if (!size) throw new Problem('pictureBroken');
  try {
    return new Still(await host.call('openStill', [file, size, side]), host);
  } catch (error) {
    throw asProblem(error, 'pictureFailed');
  }
}

/** A picture file that the host has decoded. */
class Still {
  #host;

  constructor({ number, width, height, shown }, host) {
    this.#host = host;
    this.number = number;
    this.width = width;
    this.height = height;
    this.shown = shown; // an ImageBitmap to look at
  }

  close() {
    this.shown.close();
    this.#host.call('closeStill', [this.number]).catch(() => {});
  }
}

/** A classifier that knows all about its model, and lets the host run it. */
class RemoteClassifier extends Classifier {
  #number;
  #host;

  constructor(facts, number, host) {
    super(facts);
    this.#number = number;
    this.#host = host;
  }

  async examine(picture, options = {}) {
    const sent = await this.#sendable(picture);
    const transfer = sent !== picture && sent instanceof ImageBitmap;
    return this.#host.call('examine', [this.#number, sent, options], {
      transfer: transfer ? [sent] : [],
    });
  }

  test() {
    return this.#host.call('test', [this.#number]);
  }

  close() {
    return this.#host.call('close', [this.#number]);
  }

  async #sendable(picture) {
    if (picture instanceof Still) return picture.number;
    const isElement =
      picture instanceof HTMLElement || picture instanceof OffscreenCanvas;
    if (!this.#host.isRemote || !isElement) return picture;
    try {
      return await createImageBitmap(picture);
    } catch (error) {
      throw asProblem(error, 'pictureFailed');
    }
  }
}
