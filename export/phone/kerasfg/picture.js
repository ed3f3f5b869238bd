// Pictures as a page has them: elements, files, pixels.

import { DECODING } from './pixels/decoding.js';
import { LargeBlob, pictureSize } from './pixels/large_blob.js';
import { Problem } from './problem.js';

/**
 * @typedef {HTMLImageElement|SVGImageElement|HTMLVideoElement|
 *   HTMLCanvasElement|OffscreenCanvas|ImageBitmap|VideoFrame|ImageData|Blob
 * } Picture
 * @typedef {HTMLVideoElement|HTMLCanvasElement|OffscreenCanvas|ImageBitmap|
 *   VideoFrame} Drawable what a canvas draws as it is
 */

const DECODED = ['Blob', 'File', 'ImageData', 'SVGImageElement'];
const DRAWN = [
  'HTMLCanvasElement',
  'HTMLVideoElement',
  'ImageBitmap',
  'LargeBlob',
  'OffscreenCanvas',
  'VideoFrame',
];

/**
 * Makes a picture of any kind one that a canvas draws.
 *
 * @param {Picture} picture
 * @returns {Promise<{source: Drawable|LargeBlob, close: () => void}>} `close`
 *   frees what was decoded for it
 * @throws {Problem} if it is no picture, broken, or not loaded yet
 */
export async function openPicture(picture) {
  const kind = kindOf(picture);
  if (kind === 'HTMLImageElement') {
    checkLoaded(/** @type {HTMLImageElement} */ (picture));
  } else if (DRAWN.includes(kind)) {
    const source = /** @type {Drawable} */ (picture);
    if (isEmpty(source)) throw new Problem('pictureNotLoaded');
    return { source, close: () => {} };
  } else if (!DECODED.includes(kind)) {
    throw new Problem('notAPicture', { kind });
  }
  return decodePicture(/** @type {Exclude<Picture, Drawable>} */ (picture));
}

/**
 * Decodes a picture: as a whole, or if that fails a file part by part.
 *
 * @param {Exclude<Picture, Drawable>} picture
 * @param {{width: number, height: number}|null} size of a file, if it is known;
 *   a worker cannot find it out
 * @returns {Promise<{source: ImageBitmap|LargeBlob, close: () => void}>}
 * @throws {Problem} `pictureBroken`
 */
export async function decodePicture(picture, size = null) {
  try {
    const bitmap = await createImageBitmap(picture, DECODING);
    return { source: bitmap, close: () => bitmap.close() };
  } catch {
    if (picture instanceof Blob) size ??= await pictureSize(picture);
    if (!size) throw new Problem('pictureBroken');
    const source = new LargeBlob(/** @type {Blob} */ (picture), size);
    return { source, close: () => {} };
  }
}

/**
 * Width and height of a picture in pixels.
 *
 * @param {Drawable|LargeBlob} source
 * @returns {[number, number]}
 */
export function sourceSize(source) {
  if ('videoWidth' in source) return [source.videoWidth, source.videoHeight];
  if ('displayWidth' in source) {
    return [source.displayWidth, source.displayHeight];
  }
  return [source.width, source.height];
}

/** @param {HTMLImageElement} image */
function checkLoaded(image) {
  if (!image.complete) throw new Problem('pictureNotLoaded');
  if (image.naturalWidth === 0) throw new Problem('pictureBroken');
}

/** @param {Drawable} source */
function isEmpty(source) {
  // A video knows its size before it has a frame.
  const HAVE_CURRENT_DATA = 2;
  if ('readyState' in source && source.readyState < HAVE_CURRENT_DATA) {
    return true;
  }
  return sourceSize(source).includes(0);
}

/** @param {unknown} picture */
function kindOf(picture) {
  return Object.prototype.toString.call(picture).slice('[object '.length, -1);
}
