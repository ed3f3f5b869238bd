// Resizes what comes on standard input, for the Python test that compares: one
// JSON line a picture, its pixels in base64; the results go out the same way.

import { createInterface } from 'node:readline';

import { cropBox } from '../../export/phone/crop.js';
import { resample } from '../../export/phone/resample.js';

for await (const line of createInterface({ input: process.stdin })) {
  const { width, height, crop, fraction, size, channels, pixels } =
    JSON.parse(line);
  const box = cropBox(width, height, crop, 1, fraction);
  const data = cut(Buffer.from(pixels, 'base64'), width, box, channels);
  const given = resample({ ...box, data }, size, channels);
  console.log(Buffer.from(given).toString('base64'));
}

function cut(data, width, box, channels) {
  const rows = Array.from({ length: box.height }, (_, row) => {
    const start = ((row + box.top) * width + box.left) * channels;
    return data.subarray(start, start + box.width * channels);
  });
  return new Uint8Array(Buffer.concat(rows));
}
