// Whether more can be seen of the picture by zooming in.

import { MAX_ZOOM } from '../frame/view.js';

/**
 * Zooming in shows the network more as long as the picture has more pixels than
 * the network gets: beyond, it makes larger what is there.
 *
 * @param {object} result of model/session.js, with or without its picture
 * @returns {boolean}
 */
export function canZoom({ side, zoom, model }) {
  return zoom < MAX_ZOOM && side > model.imageSize;
}
