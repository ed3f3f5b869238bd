// Makes an entry of a result: the picture in the frame, what it was named, the
// network's pixels.

import { pixelImage } from '../model/pixel_image.js';
import { Problem } from '../kerasfg/problem.js';

const MAX_SIDE = 1024; // pixels of the kept picture
const THUMB_SIDE = 160;

/**
 * @param {object} result of model/session.js
 * @returns {object} `id`, `time` (milliseconds since 1970), `label` and
 *   `probability` of the first answer, `top` (three answers), `isSure`, `model`
 *   (its name); `corrected` (a name, or null) and `isChecked` are the user's;
 *   `place` is null or that of place.js
 */
export function entryOf({ top, isSure, model }) {
  const id = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  const answers = top.map(({ label, probability }) => ({ label, probability }));
  return {
    id,
    time: Date.now(),
    ...answers[0],
    top: answers,
    isSure,
    model: model.name,
    corrected: null,
    isChecked: false,
    place: null,
  };
}

/**
 * @param {object} result of model/session.js
 * @returns {Promise<{picture: ArrayBuffer, thumb: ArrayBuffer,
 *   pixels: ArrayBuffer}>} two JPEG files and a PNG file
 */
export async function filesOf({ part, pixels, model }) {
  const bitmap = await createImageBitmap(part);
  try {
    const picture = await encode(shrunk(bitmap, MAX_SIDE), 'image/jpeg', 0.92);
    const thumb = await encode(shrunk(bitmap, THUMB_SIDE), 'image/jpeg', 0.8);
    const input = drawn(pixels, model.imageSize);
    return { picture, thumb, pixels: await encode(input, 'image/png') };
  } finally {
    bitmap.close();
  }
}

function shrunk(bitmap, most) {
  const scale = Math.min(1, most / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** A canvas with the network's pixels. */
export function drawn(pixels, size) {
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  canvas.getContext('2d').putImageData(pixelImage(pixels, size), 0, 0);
  return canvas;
}

async function encode(canvas, type, quality) {
  const blob = await new Promise((resolve) =>
    canvas.toBlob(resolve, type, quality),
  );
  if (!blob) throw new Problem('foundUnavailable');
  return blob.arrayBuffer();
}
