// The page shrinks pictures exactly as Python does. low_resolution_vectors.json
// is what tests/data/pixels/test_low_resolution.py computes and checks;
// tests/export/test_phone_page.py compares 200 random pictures.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { cropBox } from '../../../../export/phone/kerasfg/crop.js';
import {
  coefficients,
  resample,
} from '../../../../export/phone/kerasfg/low_resolution.js';

const VECTORS = JSON.parse(
  readFileSync(new URL('low_resolution_vectors.json', import.meta.url)),
);

function picture(width, height, channels, value) {
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / channels);
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    data[i] = value(row, column, i % channels);
  }
  return { data, width, height };
}

function crop({ data, width, height }, box, channels) {
  return picture(box.width, box.height, channels, (row, column, channel) => {
    const pixel = (row + box.top) * width + column + box.left;
    return data[pixel * channels + channel];
  });
}

const formula = (row, column, channel) =>
  ((row * 37 + column * 101 + channel * 59) ** 2 >> 3) % 256;

for (const channels of [3, 4]) {
  test(`vectors made by Python, ${channels} values a pixel`, () => {
    for (const vector of VECTORS) {
      const { width, height, image_size: size } = vector;
      const whole = picture(width, height, channels, (row, column, channel) =>
        channel === 3 ? 255 : formula(row, column, channel),
      );
      const box = cropBox(width, height, vector.crop, 1, vector.crop_fraction);
      const given = resample(crop(whole, box, channels), size, channels);
      const digest = createHash('sha256').update(given).digest('hex');
      assert.equal(digest, vector.sha256, JSON.stringify(vector));
      if (vector.pixels) assert.deepEqual([...given], vector.pixels);
    }
  });
}

test('coefficients are those of the Python docstring', () => {
  const { first, weights } = coefficients(4, 2);
  assert.deepEqual([...first], [0, 0]);
  assert.deepEqual([...weights[0]], [1923834, 1923834, 502623, -155987]);
});

test('coefficients sum to one within the rounding of each', () => {
  for (const [from, to] of [[1080, 64], [64, 32], [33, 32], [7, 50]]) {
    for (const line of coefficients(from, to).weights) {
      const sum = line.reduce((a, b) => a + b);
      assert.ok(Math.abs(sum - 2 ** 22) <= line.length / 2, `${from} ${to}`);
    }
  }
});

test('one colour stays as it is, the brightest too', () => {
  for (const value of [0, 7, 255]) {
    const given = resample(picture(301, 173, 4, () => value), 32);
    assert.ok(given.every((x) => x === value));
  }
});

test('a picture of the right size is left alone', () => {
  const whole = picture(8, 8, 4, formula);
  const expected = [...whole.data].filter((_, i) => i % 4 < 3);
  assert.deepEqual([...resample(whole, 8)], expected);
});

test('turning the picture turns the result', () => {
  const size = 16;
  const straight = resample(picture(90, 90, 3, formula), size, 3);
  const turned = resample(
    picture(90, 90, 3, (row, column, c) => formula(column, row, c)),
    size,
    3,
  );
  // The pass that comes second rounds what the first has rounded.
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const a = straight[(row * size + column) * 3];
      const b = turned[(column * size + row) * 3];
      assert.ok(Math.abs(a - b) <= 1);
    }
  }
});

test('data that do not fit the size are refused', () => {
  const wrong = { data: new Uint8Array(10), width: 2, height: 2 };
  assert.throws(() => resample(wrong, 4), /Received: 10 values for 2 x 2/);
  const empty = { data: new Uint8Array(0), width: 0, height: 0 };
  assert.throws(() => resample(empty, 4), RangeError);
});

test('an odd margin is one pixel smaller on the left and on the top', () => {
  const box = cropBox(7, 4, 'center');
  assert.deepEqual(box, { left: 1, top: 0, width: 4, height: 4 });
});

test('of a part of the picture, halves of a pixel are rounded up', () => {
  const box = cropBox(9, 6, 'whole', 1, 0.75); // 6.75 and 4.5
  assert.deepEqual(box, { left: 1, top: 0, width: 7, height: 5 });
  assert.deepEqual(cropBox(640, 480, 'center', 2, 0.5), {
    left: 260,
    top: 180,
    width: 120,
    height: 120,
  });
});

test('the part about another middle stays inside the picture', () => {
  const left = (x) => cropBox(640, 480, 'center', 2, 1, { x, y: 0.5 }).left;
  assert.equal(left(0.5), cropBox(640, 480, 'center', 2).left);
  assert.equal(left(0.25), 40);
  assert.equal(left(0), 0);
  assert.equal(left(1), 400);
});

test('zoom takes the middle, and never nothing', () => {
  assert.deepEqual(cropBox(640, 480, 'center', 2), {
    left: 200,
    top: 120,
    width: 240,
    height: 240,
  });
  assert.deepEqual(cropBox(3, 3, 'center', 8), {
    left: 1,
    top: 1,
    width: 1,
    height: 1,
  });
  assert.deepEqual(cropBox(640, 480, 'whole', 2), {
    left: 160,
    top: 120,
    width: 320,
    height: 240,
  });
});
