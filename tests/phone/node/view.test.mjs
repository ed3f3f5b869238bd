// The part of the picture in the frame: zoomed about a point, never outside.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  bounded,
  MAX_ZOOM,
  sharesInFrame,
  WIDEST,
  zoomAbout,
} from '../../../export/phone/frame/view.js';
import { cropBox } from '../../../export/phone/kerasfg/crop.js';

const SIZE = [640, 480];
const MODELS = [
  { crop: 'center', cropFraction: 1 },
  { crop: 'center', cropFraction: 0.875 },
  { crop: 'whole', cropFraction: 1 },
];

test('the shares are those of the part that the network gets', () => {
  for (const model of MODELS) {
    for (const zoom of [1, 1.5, 8]) {
      const { crop, cropFraction } = model;
      const box = cropBox(...SIZE, crop, zoom, cropFraction);
      const shares = sharesInFrame(SIZE, model, zoom);
      assert(Math.abs(shares.width * 640 - box.width) <= 0.5);
      assert(Math.abs(shares.height * 480 - box.height) <= 0.5);
    }
  }
});

test('a view never leaves the picture', () => {
  const shares = sharesInFrame(SIZE, MODELS[0], 2);
  const { x, y } = bounded({ zoom: 2, x: -3, y: 7 }, shares);
  assert.equal(x, shares.width / 2);
  assert.equal(y, 1 - shares.height / 2);
  const whole = sharesInFrame(SIZE, MODELS[2], 1);
  assert.deepEqual(bounded({ zoom: 1, x: 0, y: 1 }, whole), WIDEST);
});

test('the point that is zoomed about stays where it is', () => {
  const view = { zoom: 2, x: 0.4, y: 0.6 };
  const point = { x: 0.5, y: 0.45 };
  const after = zoomAbout(view, 3, point);
  for (const axis of ['x', 'y']) {
    const place = ({ zoom, ...at }) => (point[axis] - at[axis]) * zoom;
    assert(Math.abs(place(view) - place(after)) < 1e-12);
  }
  assert.equal(zoomAbout(view, 100).zoom, MAX_ZOOM);
  assert.equal(zoomAbout(view, 0.1).zoom, 1);
});
