// From a picture of any kind to the pixels that a model takes.

import { cropBox } from '../crop.js';
import { openPicture, sourceSize } from '../picture.js';
import { asProblem } from '../problem.js';
import { makeReader } from './reader.js';

/**
 * Makes a function that cuts out and shrinks one picture after the other.
 *
 * @returns {(picture: import('../picture.js').Picture,
 *   model: {crop: "center"|"whole", cropFraction: number, imageSize: number},
 *   options: {view: import('../crop.js').View, part: boolean}) =>
 *   Promise<{pixels: Uint8Array, part: ImageData|null, side: number}>} `pixels`
 *   are RGB, row by row; `side` is the shorter one of the part in the picture;
 *   it fails with a `Problem` if the picture cannot be read
 */
export function makeShrinker() {
  const read = makeReader();
  return async (picture, model, { view, part }) => {
    const { crop, cropFraction, imageSize } = model;
    const { source, close } = await openPicture(picture);
    try {
      const [width, height] = sourceSize(source);
      const box = cropBox(width, height, crop, view.zoom, cropFraction, view);
      const side = Math.min(box.width, box.height);
      return { side, ...(await read(source, box, imageSize, part)) };
    } catch (error) {
      throw asProblem(error, 'pictureFailed');
    } finally {
      close();
    }
  };
}
