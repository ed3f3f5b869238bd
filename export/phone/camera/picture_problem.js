// Why a picture could not be shown, where more can be said than that it failed.

import { Problem } from '../kerasfg/problem.js';

// The brands of HEIF with HEVC inside, as iPhones and some others write it.
const BRANDS = /^....ftyp(?:hei[cxms]|hev[cx]|mif1|msf1)/s;
const HEAD = 12;

/**
 * Returns what to say of a picture that failed.
 *
 * @param {Error} error that it failed with
 * @param {Blob} file
 * @returns {Promise<Error>} `pictureHeic`, or the same error
 */
export async function pictureProblem(error, file) {
  if (error.key !== 'pictureBroken') return error;
  try {
    const bytes = await file.slice(0, HEAD).arrayBuffer();
    const head = String.fromCharCode(...new Uint8Array(bytes));
    return BRANDS.test(head) ? new Problem('pictureHeic') : error;
  } catch {
    return error;
  }
}
