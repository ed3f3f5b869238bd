// Which part of the picture is in the frame. A view is `{zoom, x, y}`: x and y
// are the middle of the part, as shares of the picture's width and height.

export const MAX_ZOOM = 8;

/** The widest view, in the middle of the picture. */
export const WIDEST = Object.freeze({ zoom: 1, x: 0.5, y: 0.5 });

/**
 * The sides of the part in the frame, as shares of the picture's.
 *
 * @param {number[]} size width and height of the picture
 * @param {{crop: "center"|"whole", cropFraction: number}} model
 * @param {number} zoom from 1 on
 * @returns {{width: number, height: number}} from 0 to 1
 */
export function sharesInFrame([width, height], model, zoom) {
  const side = Math.min(width, height);
  const isWhole = model.crop === 'whole' || side === 0;
  const scale = model.cropFraction / zoom;
  return {
    width: isWhole ? scale : (side / width) * scale,
    height: isWhole ? scale : (side / height) * scale,
  };
}

/** The nearest view whose part lies inside the picture. */
export function bounded({ zoom, x, y }, shares) {
  return {
    zoom,
    x: clamp(x, shares.width / 2, 1 - shares.width / 2),
    y: clamp(y, shares.height / 2, 1 - shares.height / 2),
  };
}

/**
 * Zooms about a point of the picture, which stays where it is on the screen.
 *
 * @param {{zoom: number, x: number, y: number}} view
 * @param {number} wanted the new zoom, which is limited to 1 to `MAX_ZOOM`
 * @param {{x: number, y: number}} point in shares; by default the view's middle
 */
export function zoomAbout(view, wanted, point = view) {
  const zoom = clamp(wanted, 1, MAX_ZOOM);
  const scale = view.zoom / zoom;
  return {
    zoom,
    x: point.x - (point.x - view.x) * scale,
    y: point.y - (point.y - view.y) * scale,
  };
}

function clamp(value, low, high) {
  return Math.max(low, Math.min(high, value));
}
