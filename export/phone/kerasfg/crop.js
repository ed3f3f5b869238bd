// The part of a picture that is inside the frame.

/**
 * @typedef {{zoom: number, x: number, y: number}} View the zoom, and the middle
 *   of the part as shares of the picture's width and height
 */

/**
 * The square in the middle of a picture, or the whole of it. A margin of an odd
 * number of pixels is one pixel smaller on the left and on the top, as in
 * Python.
 *
 * @param {number} width of the picture in pixels
 * @param {number} height of the picture in pixels
 * @param {"center"|"whole"} crop what the network was trained on
 * @param {number} zoom from 1 on; 2 halves the sides
 * @param {number} fraction of each side that the network was trained on
 * @param {{x: number, y: number}} middle of the part, as shares of the picture;
 *   the part never leaves it
 * @returns {{left: number, top: number, width: number, height: number}}
 */
export function cropBox(
  width,
  height,
  crop = 'center',
  zoom = 1,
  fraction = 1,
  { x, y } = { x: 0.5, y: 0.5 },
) {
  const side = Math.min(width, height);
  const full = crop === 'whole' ? [width, height] : [side, side];
  const [boxWidth, boxHeight] = full.map((length) =>
    Math.max(1, Math.floor((length * fraction) / zoom + 0.5)),
  );
  return {
    left: start(width, boxWidth, x),
    top: start(height, boxHeight, y),
    width: boxWidth,
    height: boxHeight,
  };
}

/**
 * @param {number} length of the picture
 * @param {number} part of it
 * @param {number} middle of the part, from 0 to 1
 */
function start(length, part, middle) {
  const wanted = Math.floor(length * middle - part / 2);
  return Math.max(0, Math.min(length - part, wanted));
}
