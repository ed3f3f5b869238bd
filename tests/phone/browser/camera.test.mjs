// The camera films known pictures; the app classifies each as Python does.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  best,
  launch,
  open,
  PREPARED,
  readPrepared,
  result,
  serve,
  startCamera,
} from './start.mjs';

let browser, server;

before(async () => {
  browser = await launch();
  server = await serve(join(PREPARED, 'app'));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** The filmed picture that these pixels are of. */
function nearest(pixels, pictures) {
  const distances = pictures.map((picture) =>
    pixels.reduce((sum, value, i) => sum + Math.abs(value - picture[i]), 0),
  );
  const index = distances.indexOf(Math.min(...distances));
  return { index, distance: distances[index] / pixels.length };
}

test('frames are classified as Python classifies their pictures', async (t) => {
  const film = await readPrepared('film.json');
  const pictures = film.images.map((image) => Buffer.from(image, 'base64'));
  const { page, problems } = await open(browser, server.address);
  await page.evaluate(() => document.getElementById('smooth').click());
  await startCamera(page);
  const answers = new Map();
  let frames = 0;
  let agreeing = 0;
  let distance = 0;
  let number = 0;
  const end = Date.now() + (film.images.length + 4) * 1000;
  while (Date.now() < end) {
    const { pixels, raw, classNames, ...now } = await result(page);
    if (now.number > number) {
      number = now.number;
      assert.equal(pixels.length, film.size ** 2 * 3);
      const found = nearest(pixels, pictures);
      const answer = film.answers[found.index];
      frames += 1;
      distance = Math.max(distance, found.distance);
      if (classNames[best(raw)] === answer) agreeing += 1;
      answers.set(found.index, answer);
    }
    await page.waitForTimeout(40);
  }
  t.diagnostic(
    `${frames} frames of ${answers.size} pictures, ${agreeing} as in Python, ` +
      `pixels at most ${distance.toFixed(1)} grey levels off in the mean`,
  );
  assert(answers.size >= 20, `only ${answers.size} pictures were found`);
  assert(new Set(answers.values()).size >= 5);
  assert(agreeing >= 0.95 * frames, `${agreeing} of ${frames}`);
  assert.deepEqual(problems, []);
  await page.context().close();
});
