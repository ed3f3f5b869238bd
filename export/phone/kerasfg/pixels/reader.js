// Reads the pixels of a part of a picture, and shrinks them. A large part is
// read in strips, since iOS has no canvas over 16.7 million pixels.

import { startShrinking } from '../low_resolution.js';
import { Problem } from '../problem.js';
import { drawBlob } from './large_blob.js';

/**
 * @typedef {import('../picture.js').Drawable} Drawable
 * @typedef {{left: number, top: number, width: number, height: number}} Box
 */

const MAX_AREA = 2 ** 23; // pixels of a strip: a frame of 4K video is one
const MAX_SHOWN = 2048; // side of a part for people to look at

/** Makes what reads one picture after the other. */
export function makeReader() {
  let context = makeContext();

  /**
   * Draws a part of the picture, and reads it. It is not scaled: only
   * low_resolution.js does that.
   *
   * @param {Drawable} source
   * @param {Box} box
   * @param {number} scale below 1 only for people to look at
   */
  const read = (source, { left, top, width, height }, scale = 1) => {
    const { canvas } = context;
    const outWidth = Math.max(1, Math.round(width * scale));
    const outHeight = Math.max(1, Math.round(height * scale));
    if (canvas.width !== outWidth || canvas.height !== outHeight) {
      canvas.width = outWidth;
      canvas.height = outHeight;
    }
    // Transparent pixels become white, as in training.
    context.fillStyle = '#fff';
    context.fillRect(0, 0, outWidth, outHeight);
    context.imageSmoothingEnabled = scale < 1;
    if (scale < 1) {
      const [w, h] = [outWidth, outHeight];
      context.drawImage(source, left, top, width, height, 0, 0, w, h);
    } else {
      context.drawImage(source, -left, -top);
    }
    try {
      return context.getImageData(0, 0, outWidth, outHeight);
    } catch (error) {
      context = makeContext(); // that canvas cannot be read any more
      const isTainted = /** @type {Error} */ (error).name === 'SecurityError';
      throw isTainted ? new Problem('pictureTainted') : error;
    }
  };

  /** The same of a file that is too large to be decoded as a whole. */
  const readAny = (source, box, scale = 1) =>
    'blob' in source
      ? drawBlob(source, box, scale, (bitmap, whole) => read(bitmap, whole))
      : read(source, box, scale);

  /**
   * @param {Drawable|import('./large_blob.js').LargeBlob} source
   * @param {Box} box the part
   * @param {number} size side of the square that it becomes
   * @param {boolean} wantsPart
   * @returns {Promise<{pixels: Uint8Array, part: ImageData|null}>} RGB, row by
   *   row; and if wanted the part itself, at most as large as a screen
   */
  return async (source, box, size, wantsPart) => {
    const shrinking = startShrinking(box.width, box.height, size);
    let strip = null;
    for (const each of stripsOf(box, shrinking.inRows)) {
      // Without a wait a video cannot move on between two strips.
      strip =
        'blob' in source ? await readAny(source, each) : read(source, each);
      shrinking.add(strip);
    }
    const pixels = shrinking.result();
    if (!wantsPart) return { pixels, part: null };
    const scale = Math.min(1, MAX_SHOWN / Math.max(box.width, box.height));
    const isWhole = scale === 1 && strip?.height === box.height;
    const part = isWhole ? strip : await readAny(source, box, scale);
    return { pixels, part };
  };
}

/**
 * @param {Box} box
 * @param {boolean} inRows
 * @returns {Box[]} from the top or from the left
 */
export function stripsOf(box, inRows, maxArea = MAX_AREA) {
  const [length, across] = inRows
    ? [box.height, box.width]
    : [box.width, box.height];
  const most = Math.max(1, Math.floor(maxArea / across));
  const strips = [];
  for (let done = 0; done < length; done += most) {
    const part = Math.min(most, length - done);
    strips.push(
      inRows
        ? { ...box, top: box.top + done, height: part }
        : { ...box, left: box.left + done, width: part },
    );
  }
  return strips;
}

function makeContext() {
  const canvas =
    typeof document === 'undefined'
      ? new OffscreenCanvas(1, 1)
      : document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return /** @type {CanvasRenderingContext2D} */ (context);
}
