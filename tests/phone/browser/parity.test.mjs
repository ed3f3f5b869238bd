// Both engines give the same probabilities in the browser as in Python.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  base64,
  best,
  launch,
  open,
  PREPARED,
  readPrepared,
  serve,
} from './start.mjs';

let browser, server, page, prepared;

before(async () => {
  prepared = await readPrepared('answers.json');
  browser = await launch();
  server = await serve(join(PREPARED, 'app_onnx'));
  ({ page } = await open(browser, server.address));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Probabilities and milliseconds of each picture, in the page. */
function classify(file, contents) {
  const engine = file.endsWith('.onnx')
    ? 'kerasfg/onnxruntime.js'
    : 'kerasfg/litert.js';
  const { size, images } = prepared;
  return page.evaluate(
    async ({ engine, contents, size, images }) => {
      const bytes = (text) =>
        Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const { loadModel } = await import(new URL(engine, document.baseURI));
      const runtime = new URL('kerasfg/lib/', document.baseURI);
      const model = await loadModel(bytes(contents), runtime);
      const all = bytes(images);
      const length = size * size * 3;
      const answers = [];
      for (let start = 0; start < all.length; start += length) {
        const pixels = all.slice(start, start + length);
        const began = performance.now();
        const given = await model.run(pixels, [1, size, size, 3]);
        const took = performance.now() - began;
        const { probabilities, familiarity } = given;
        answers.push([Array.from(probabilities), took, familiarity]);
      }
      model.delete();
      return answers;
    },
    { engine, contents, size, images },
  );
}

const median = (values) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

test('every file gives the same as in Python', async (t) => {
  const files = Object.keys(prepared.answers);
  const whole = ['tflite', 'onnx'].map(
    (format) => `model_pixels${prepared.size}.${format}`,
  );
  assert(whole.every((file) => files.includes(file)));
  for (const file of files) {
    await t.test(file, async () => {
      const contents = await base64(join(PREPARED, 'export', file));
      const given = await classify(file, contents);
      const { probabilities, milliseconds } = prepared.answers[file];
      assert.equal(given.length, probabilities.length);
      assert(given.length >= 100);
      let largest = 0;
      given.forEach(([row], i) => {
        row.forEach((p, j) => {
          largest = Math.max(largest, Math.abs(p - probabilities[i][j]));
        });
        assert.equal(best(row), best(probabilities[i]), `picture ${i}`);
      });
      const isFloat = whole.includes(file);
      if (isFloat) assert(largest <= 1e-5, `differs by ${largest}`);
      const time = median(given.map(([, took]) => took));
      t.diagnostic(
        `${file}: largest difference ${largest.toExponential(1)}, ` +
          `time per picture ${(time / milliseconds).toFixed(1)} of Python's`,
      );
    });
  }
});
