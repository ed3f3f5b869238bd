// The same pixels without WebAssembly, and for pictures that come in strips.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

globalThis.WebAssembly = undefined;
const { resample, startShrinking } = await import(
  '../../../../export/phone/kerasfg/low_resolution.js'
);

const VECTORS = JSON.parse(
  readFileSync(new URL('low_resolution_vectors.json', import.meta.url)),
);

function picture(width, height) {
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => {
    const [pixel, channel] = [i >> 2, i & 3];
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    const value = (row * 37 + column * 101 + channel * 59) ** 2 >> 3;
    return channel === 3 ? 255 : value % 256;
  });
  return { data, width, height };
}

const digest = (pixels) => createHash('sha256').update(pixels).digest('hex');

test('vectors made by Python, without WebAssembly', () => {
  for (const vector of VECTORS) {
    const { width, height, image_size: size, crop, crop_fraction } = vector;
    if (crop !== 'whole' || crop_fraction !== 1) continue;
    const given = resample(picture(width, height), size);
    assert.equal(digest(given), vector.sha256, JSON.stringify(vector));
  }
});

test('strips give the same as the whole, in rows and in columns', () => {
  const sizes = [
    [301, 173, 32],
    [41, 500, 16],
    [16, 16, 16],
    [5, 9, 20],
  ];
  const orders = new Set();
  for (const [width, height, size] of sizes) {
    const whole = picture(width, height);
    const shrinking = startShrinking(width, height, size);
    orders.add(shrinking.inRows);
    const length = shrinking.inRows ? height : width;
    for (let done = 0; done < length; done += 7) {
      const end = Math.min(length, done + 7);
      shrinking.add(cut(whole, shrinking.inRows, done, end));
    }
    const expected = resample(whole, size);
    assert.deepEqual(shrinking.result(), expected, `${width} x ${height}`);
  }
  assert.equal(orders.size, 2);
});

function cut({ data, width, height }, inRows, from, to) {
  if (inRows) {
    const part = data.subarray(from * width * 4, to * width * 4);
    return { data: part, width, height: to - from };
  }
  const rows = Array.from({ length: height }, (_, row) => [
    ...data.subarray((row * width + from) * 4, (row * width + to) * 4),
  ]);
  return { data: Uint8Array.from(rows.flat()), width: to - from, height };
}
