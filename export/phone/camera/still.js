// Still pictures: one from the gallery, or a frozen frame of the camera.

import { openStill } from '../inference/remote.js';
import { Problem } from '../kerasfg/problem.js';

const MAX_BYTES = 64 * 2 ** 20;
// Enough for a screen; the network's input comes from the full picture.
const MAX_SHOWN = 2048;

/**
 * Decodes a picture file.
 *
 * @param {File} file
 * @returns {Promise<{width: number, height: number, shown: ImageBitmap,
 *   close: () => void}>} of the size of the file, with a picture to look at
 * @throws {Problem} `pictureBroken`
 */
export async function readPicture(file) {
  if (file.size > MAX_BYTES) throw new Problem('pictureBroken');
  return openStill(file, MAX_SHOWN);
}

/**
 * Draws a picture on a canvas, no larger than a screen needs.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap|{shown: ImageBitmap}} picture
 */
export function drawStill(canvas, picture) {
  const bitmap = picture.shown ?? picture;
  const scale = Math.min(1, MAX_SHOWN / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
}
