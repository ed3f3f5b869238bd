// The part of a picture that is inside the frame.

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
 * @returns {{left: number, top: number, width: number, height: number}}
 */
export function cropBox(
  width,
  height,
  crop = 'center',
  zoom = 1,
  fraction = 1,
) {
  const side = Math.min(width, height);
  const full = crop === 'whole' ? [width, height] : [side, side];
  const [boxWidth, boxHeight] = full.map((length) =>
    Math.max(1, Math.floor((length * fraction) / zoom + 0.5)),
  );
  return {
    left: Math.floor((width - boxWidth) / 2),
    top: Math.floor((height - boxHeight) / 2),
    width: boxWidth,
    height: boxHeight,
  };
}
