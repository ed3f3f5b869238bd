// A file of a picture that the browser does not decode as a whole, for lack of
// memory or because it is over a limit: it is decoded part by part.

import { DECODING } from './decoding.js';

/** Is read in parts. */
export class LargeBlob {
  /**
   * @param {Blob} blob
   * @param {{width: number, height: number}} size
   */
  constructor(blob, { width, height }) {
    this.blob = blob;
    this.width = width;
    this.height = height;
  }

  get [Symbol.toStringTag]() {
    return 'LargeBlob';
  }
}

/**
 * Width and height of the picture in a file, upright, without decoding it.
 *
 * @param {Blob} blob
 * @returns {Promise<{width: number, height: number}|null>} null if it is no
 *   picture, or if there is no page here
 */
export async function pictureSize(blob) {
  if (typeof Image === 'undefined') return null;
  const image = new Image();
  const address = URL.createObjectURL(blob);
  const size = await new Promise((resolve) => {
    image.onload = () =>
      resolve({ width: image.naturalWidth, height: image.naturalHeight });
    image.onerror = () => resolve(null);
    image.src = address;
  });
  URL.revokeObjectURL(address);
  return size && size.width > 0 ? size : null;
}

/**
 * Decodes a part of it.
 *
 * @template T
 * @param {LargeBlob} source
 * @param {import('./reader.js').Box} box
 * @param {number} scale below 1 only for people to look at
 * @param {(bitmap: ImageBitmap, whole: import('./reader.js').Box) => T} use
 * @returns {Promise<T>} what `use` gives
 */
export async function drawBlob({ blob }, box, scale, use) {
  const { left, top, width, height } = box;
  /** @type {ImageBitmapOptions} */
  const options = { ...DECODING };
  if (scale < 1) {
    options.resizeWidth = Math.max(1, Math.round(width * scale));
    options.resizeHeight = Math.max(1, Math.round(height * scale));
    options.resizeQuality = 'high';
  }
  const part = /** @type {const} */ ([left, top, width, height]);
  const bitmap = await createImageBitmap(blob, ...part, options);
  try {
    const { width, height } = bitmap;
    return use(bitmap, { left: 0, top: 0, width, height });
  } finally {
    bitmap.close();
  }
}
