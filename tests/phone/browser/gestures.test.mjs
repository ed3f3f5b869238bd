// Fingers and keys move the picture, and the network gets what the frame shows.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import {
  launch,
  modelReady,
  open,
  PREPARED,
  serve,
  showPicture,
} from './start.mjs';

const PICTURE = join(PREPARED, 'wide.png'); // 301 x 210
let browser, server, page, fingers;

before(async () => {
  browser = await launch();
  server = await serve(join(PREPARED, 'app'));
  ({ page } = await open(browser, server.address));
  await modelReady(page);
  fingers = await page.context().newCDPSession(page);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(() => showPicture(page, PICTURE));

/** The frame's place in the picture, in the picture's pixels. */
const inFrame = () =>
  page.evaluate(() => {
    const [frame, still] = ['frame', 'still'].map((id) =>
      document.getElementById(id).getBoundingClientRect(),
    );
    const scale = document.getElementById('still').width / still.width;
    return {
      left: (frame.left - still.left) * scale,
      top: (frame.top - still.top) * scale,
      width: frame.width * scale,
      height: frame.height * scale,
    };
  });

/** Whether the network's pixels are of exactly this part of the picture. */
async function assertSeen() {
  await page.waitForTimeout(300);
  const part = await inFrame();
  const seen = await page.evaluate(async (part) => {
    const { resample } = await import('./kerasfg/low_resolution.js');
    const still = document.getElementById('still');
    const { left, top, width, height } = part;
    const context = still.getContext('2d');
    const { pixels } = window.kerasfg.latest;
    const size = Math.sqrt(pixels.length / 3);
    const distances = [];
    // The frame on the screen is as exact as a pixel.
    for (const dx of [-1, 0, 1]) {
      for (const dy of [-1, 0, 1]) {
        const at = [Math.round(left) + dx, Math.round(top) + dy];
        const sides = [Math.round(width), Math.round(height)];
        const crop = context.getImageData(...at, ...sides);
        const wanted = resample(crop, size);
        distances.push(
          Math.max(...pixels.map((value, i) => Math.abs(value - wanted[i]))),
        );
      }
    }
    return Math.min(...distances);
  }, part);
  assert.equal(seen, 0, JSON.stringify(part));
  return part;
}

async function frameBox() {
  const box = await page.locator('#frame').boundingBox();
  return { ...box, x0: box.x + box.width / 2, y0: box.y + box.height / 2 };
}

function touch(type, ...points) {
  return fingers.send('Input.dispatchTouchEvent', {
    type,
    touchPoints: points.map(([x, y], id) => ({ x, y, id })),
  });
}

test('one finger moves the picture, as far as its edges', async () => {
  const { x0, y0, width } = await frameBox();
  const before = await assertSeen();
  await touch('touchStart', [x0, y0]);
  for (const share of [0.02, 0.05, 0.1]) {
    await touch('touchMove', [x0 + share * width, y0]);
  }
  await touch('touchEnd');
  const moved = await assertSeen();
  assert(moved.left < before.left - 0.05 * before.width);
  assert(Math.abs(moved.width - before.width) < 0.01);
  await touch('touchStart', [x0, y0]);
  await touch('touchMove', [x0 + width, y0 + width]);
  await touch('touchEnd');
  const end = await assertSeen();
  assert(Math.abs(end.left) < 0.1 && Math.abs(end.top) < 0.1);
});

test('two fingers zoom about their middle', async () => {
  const { x, y, width } = await frameBox();
  const at = (share) => [x + share * width, y + width / 4];
  // The point of the picture under the middle of the fingers
  const under = (part) => [
    part.left + 0.3 * part.width,
    part.top + 0.25 * part.height,
  ];
  const before = await inFrame();
  await touch('touchStart', at(0.2), at(0.4));
  for (const way of [0.03, 0.06, 0.1]) {
    await touch('touchMove', at(0.2 - way), at(0.4 + way));
  }
  await touch('touchEnd');
  const after = await assertSeen();
  const zoom = before.width / after.width;
  assert(Math.abs(zoom - 2) < 0.05, `${zoom}`);
  under(after).forEach((value, axis) => {
    assert(Math.abs(value - under(before)[axis]) < 2, `${value}`);
  });
});

test('a double tap zooms to a point, and back', async () => {
  const { x, y, width } = await frameBox();
  const before = await inFrame();
  const twice = async () => {
    for (let i = 0; i < 2; i++) {
      await page.touchscreen.tap(x + width * 0.75, y + width * 0.5);
    }
  };
  await twice();
  const near = await assertSeen();
  assert(Math.abs(near.width - before.width / 2) < 0.6);
  assert(near.left > before.left + before.width * 0.3);
  await page.waitForTimeout(400);
  await twice();
  const far = await assertSeen();
  assert(Math.abs(far.width - before.width) < 0.1);
});

test('the keys do all of it', async () => {
  await page.focus('#frame');
  const before = await inFrame();
  for (let i = 0; i < 4; i++) await page.keyboard.press('+');
  const near = await assertSeen();
  assert(Math.abs(near.width - before.width / 2) < 0.6);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  const moved = await assertSeen();
  assert(moved.left > near.left && moved.top > near.top);
  for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowLeft');
  assert(Math.abs((await assertSeen()).left) < 0.1);
  for (let i = 0; i < 9; i++) await page.keyboard.press('-');
  assert(Math.abs((await inFrame()).width - before.width) < 0.1);
});

test('the slider is there while it is used, and the number always', async () => {
  const isIdle = () =>
    page.evaluate(() => 'idle' in document.getElementById('zoom-bar').dataset);
  const untilIdle = () => page.waitForSelector('#zoom-bar[data-idle]');
  await untilIdle();
  await page.focus('#frame');
  await page.keyboard.press('+');
  assert(!(await isIdle()));
  await untilIdle();
  assert.equal(await page.textContent('#zoom-value'), '1.2×');
  await page.click('#zoom-value');
  assert(!(await isIdle()));
});

test('a frozen picture of the front camera stays mirrored, and moves as it is seen', async () => {
  await page.evaluate(() => {
    const settings = MediaStreamTrack.prototype.getSettings;
    MediaStreamTrack.prototype.getSettings = function () {
      return { ...settings.call(this), facingMode: 'user' };
    };
  });
  await page.click('#freeze');
  await page.waitForFunction(() => window.kerasfg.latest?.isStill === false);
  const isMirrored = () =>
    page.evaluate(
      () => getComputedStyle(document.getElementById('still')).transform,
    );
  await page.click('#freeze');
  await page.waitForFunction(() => window.kerasfg.latest?.isStill);
  assert.equal(await isMirrored(), 'matrix(-1, 0, 0, 1, 0, 0)');
  const left = () =>
    page.evaluate(
      () => document.getElementById('still').getBoundingClientRect().left,
    );
  const before = await left();
  await page.focus('#frame');
  await page.keyboard.press('ArrowRight');
  assert((await left()) < before);
  await showPicture(page, PICTURE);
  assert.equal(await isMirrored(), 'none');
});
