// Still pictures: one from the gallery, or a frozen frame of the camera.

import { Problem } from '../ui/problem.js';

const MAX_BYTES = 64 * 2 ** 20;
// Enough for a screen; the network's input comes from the full picture.
const MAX_SHOWN = 2048;

/**
 * Decodes a picture file, upright as its camera was held. Colours are not
 * converted, as in training.
 *
 * @param {File} file
 * @returns {Promise<ImageBitmap>}
 * @throws {Problem} `pictureBroken`
 */
export async function decodePicture(file) {
  if (file.size > MAX_BYTES) throw new Problem('pictureBroken');
  try {
    return await createImageBitmap(file, {
      imageOrientation: 'from-image',
      colorSpaceConversion: 'none',
    });
  } catch {
    throw new Problem('pictureBroken');
  }
}

/** Draws a picture on a canvas, no larger than a screen needs. */
export function drawStill(canvas, bitmap) {
  const scale = Math.min(1, MAX_SHOWN / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
}
