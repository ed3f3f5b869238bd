// Shrinks pictures for tests/export/test_phone_page.py: reads one JSON line a
// picture from standard input and prints one line of base64 for each.

import { createInterface } from 'node:readline';

import { cropBox } from '../../../../export/phone/kerasfg/crop.js';
import { resample } from '../../../../export/phone/kerasfg/low_resolution.js';

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
