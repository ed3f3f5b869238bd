// Still pictures: one from the gallery, or a frozen frame of the camera.

import { Problem } from '../kerasfg/problem.js';
import { decodePicture } from '../kerasfg/picture.js';

const MAX_BYTES = 64 * 2 ** 20;
// Enough for a screen; the network's input comes from the full picture.
const MAX_SHOWN = 2048;

/**
 * Decodes a picture file.
 *
 * @param {File} file
 * @returns {Promise<ImageBitmap>}
 * @throws {Problem} `pictureBroken`
 */
export async function readPicture(file) {
  if (file.size > MAX_BYTES) throw new Problem('pictureBroken');
  return decodePicture(file);
}

/** Draws a picture on a canvas, no larger than a screen needs. */
export function drawStill(canvas, bitmap) {
  const scale = Math.min(1, MAX_SHOWN / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
}
