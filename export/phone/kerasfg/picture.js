// Pictures as a page has them: elements, files, pixels.

import { Problem } from './problem.js';

/**
 * @typedef {HTMLImageElement|SVGImageElement|HTMLVideoElement|
 *   HTMLCanvasElement|OffscreenCanvas|ImageBitmap|VideoFrame|ImageData|Blob
 * } Picture
 * @typedef {HTMLVideoElement|HTMLCanvasElement|OffscreenCanvas|ImageBitmap|
 *   VideoFrame} Drawable what a canvas draws as it is
 */

// Upright as the camera was held. Colours are not converted, as in training.
/** @type {ImageBitmapOptions} */
const DECODING = {
  imageOrientation: 'from-image',
  colorSpaceConversion: 'none',
};
const DECODED = ['Blob', 'File', 'ImageData', 'SVGImageElement'];
const DRAWN = [
  'HTMLCanvasElement',
  'HTMLVideoElement',
  'ImageBitmap',
  'OffscreenCanvas',
  'VideoFrame',
];

/**
 * Makes a picture of any kind one that a canvas draws.
 *
 * @param {Picture} picture
 * @returns {Promise<{source: Drawable, close: () => void}>} `close` frees what
 *   was decoded for it
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
  const bitmap = await decodePicture(
    /** @type {Exclude<Picture, Drawable>} */ (picture),
  );
  return { source: bitmap, close: () => bitmap.close() };
}

/**
 * Decodes a picture.
 *
 * @param {Exclude<Picture, Drawable>} picture
 * @returns {Promise<ImageBitmap>}
 * @throws {Problem} `pictureBroken`
 */
export async function decodePicture(picture) {
  try {
    return await createImageBitmap(picture, DECODING);
  } catch {
    throw new Problem('pictureBroken');
  }
}

/**
 * Width and height of a picture in pixels.
 *
 * @param {Drawable} source
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
