// A picture that stands: from the gallery, or a frame that was frozen.

import { Problem } from './problem.js';

const MAX_BYTES = 64 * 2 ** 20;
// The screen does not show more; the network gets the full picture.
const SHOWN = 2048;

/**
 * Decodes a picture file, turned as its camera was held. Colours are as they
 * stand in the file, like in training.
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

/** Shows a picture on a canvas, not larger than a screen needs. */
export function showStill(canvas, bitmap) {
  const scale = Math.min(1, SHOWN / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
}
