// How far away the names are right so often: the page's side of `kerasfg
// distance`. Numbers are equal to Python's distance_card.

/**
 * @typedef {object} Reach
 * @property {number} metres
 * @property {boolean} isLimit whether the names are less often right beyond it;
 *   otherwise nothing was measured beyond it
 */

/**
 * The farthest distance at which the name is so often right.
 *
 * @param {import('./fitted.js').Distance} distance
 * @param {number} right the share, above 0 and below 1
 * @param {number} zoom of the optics, from 1 on
 * @returns {Reach|null} null if the name is nowhere so often right
 */
export function reachOf(distance, right, zoom = 1) {
  if (!(right > 0 && right < 1) || !(zoom >= 1)) {
    throw new RangeError(
      'right must be above 0 and below 1, and zoom at least 1. ' +
        `Received: right=${right}, zoom=${zoom}`,
    );
  }
  const found = fewestPixels(distance, right);
  if (!found) return null;
  const { objectSize, fov, sensorPixels } = distance;
  const width = 2 * found.pixels * Math.tan((fov * Math.PI) / 360);
  const metres = (sensorPixels * zoom * objectSize) / width;
  return { metres, isLimit: found.isLimit };
}

/**
 * @param {import('./fitted.js').Distance} distance
 * @param {number} right
 */
function fewestPixels({ curve, imageSize }, right) {
  let upper = imageSize;
  let value = shareAt(curve, imageSize);
  if (value < right) return null;
  const below = curve.filter(({ resolution }) => resolution < imageSize);
  for (const { resolution, share } of below.reverse()) {
    if (share < right) {
      const part = (value - right) / (value - share);
      const pixels = upper * (resolution / upper) ** part;
      return { pixels, isLimit: true };
    }
    [upper, value] = [resolution, share];
  }
  return { pixels: upper, isLimit: false };
}

/**
 * The share of right names at a number of pixels, at which or below which the
 * curve begins: between two of its points by the logarithm of the pixels.
 *
 * @param {import('./fitted.js').Distance['curve']} curve
 * @param {number} pixels
 */
function shareAt(curve, pixels) {
  const next = curve.findIndex(({ resolution }) => resolution >= pixels);
  if (next === -1) return curve[curve.length - 1].share;
  if (next === 0) return curve[0].share;
  const [low, high] = [curve[next - 1], curve[next]];
  const part =
    Math.log(pixels / low.resolution) /
    Math.log(high.resolution / low.resolution);
  return low.share + part * (high.share - low.share);
}
