// A model gets the part of a picture that it was trained on, which the frame
// shows.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  launch,
  modelReady,
  open,
  PREPARED,
  readPrepared,
  serve,
  showPicture,
} from './start.mjs';

const PICTURE = join(PREPARED, 'wide.png');
let browser, server, page, crops;

before(async () => {
  crops = await readPrepared('crops.json');
  browser = await launch();
  server = await serve(join(PREPARED, 'app'));
  ({ page } = await open(browser, server.address));
  await modelReady(page);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Height of the picture as a share of the frame's. */
const shown = () =>
  page.evaluate(() => {
    const height = (id) =>
      document.getElementById(id).getBoundingClientRect().height;
    return height('still') / height('frame');
  });

for (const name of ['good', 'middle']) {
  test(`pixels are those of Python, to the last bit (${name})`, async () => {
    const model = join(PREPARED, 'odd', `${name}.tflite`);
    await page.setInputFiles('#model-file', model);
    await page.waitForFunction(
      (wanted) => document.getElementById('model-name').textContent === wanted,
      name === 'good' ? 'two' : 'odd',
    );
    await showPicture(page, PICTURE);
    const pixels = await page.evaluate(() => window.kerasfg.latest.pixels);
    const expected = Buffer.from(crops.pixels[name], 'base64');
    assert.deepEqual(pixels, [...expected]);
    // The frame shows the part that the network gets.
    const share = name === 'good' ? 1 : crops.fraction;
    assert(Math.abs((await shown()) - 1 / share) < 0.01, `${await shown()}`);
  });
}
