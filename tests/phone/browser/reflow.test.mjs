// Large text and small windows: all is there and readable, and nothing moves.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  launch,
  modelReady,
  open,
  PREPARED,
  serve,
  showPicture,
} from './start.mjs';

const PICTURE = join(PREPARED, 'picture.png');
const BLURRED = join(PREPARED, 'blurred.png');
const ALIKE = ['eastern', 'western', 'northern'].map(
  (side) => `Lesser black-backed gull of the ${side} coast, in winter`,
);
let browser, server;

before(async () => {
  browser = await launch();
  server = await serve(join(PREPARED, 'app'));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const openAt = (width, height, more = {}) =>
  open(browser, server.address, { viewport: { width, height }, ...more });

/** What cannot be used: it is off the screen, covered, or cut off. */
const unreachable = (page) =>
  page.evaluate(() => {
    const wrong = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) wrong.push('scrolls sideways');
    const place = document.querySelector('dialog[open]') ?? document;
    for (const element of place.querySelectorAll(
      'button:not([disabled]), summary, h2, .name, .share, dd, #facts',
    )) {
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      if (element.closest('#room')) continue;
      element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      const box = element.getBoundingClientRect();
      const name = element.id || element.textContent.trim();
      const x = box.left + Math.min(box.width / 2, 8);
      const y = box.top + Math.min(box.height / 2, 8);
      const on = document.elementFromPoint(x, y);
      const isThere = element.contains(on) || on?.contains(element);
      if (!isThere) wrong.push(`${name} is covered or outside`);
      if (box.left < 0 || box.right > root.clientWidth + 0.5) {
        wrong.push(`${name} is cut off`);
      }
      if (element.scrollWidth > element.clientWidth + 1 && box.width > 1) {
        wrong.push(`${name} does not fit`);
      }
    }
    return wrong;
  });

for (const [what, width, height, fontSize] of [
  ['320 x 256', 320, 256],
  ['a phone on its side at 200 %', 422, 195],
  ['a notebook at 200 %', 640, 400],
  ['the smallest phone', 320, 568],
  ['a phone with text twice as large', 390, 844, '200%'],
]) {
  test(`all is within reach: ${what}`, async () => {
    const { page, context } = await openAt(width, height, { isMobile: false });
    await modelReady(page);
    if (fontSize) {
      await page.evaluate((size) => {
        document.documentElement.style.fontSize = size;
      }, fontSize);
    }
    assert.deepEqual(await unreachable(page), []);
    await showPicture(page, PICTURE);
    assert.deepEqual(await unreachable(page), []);
    await page.evaluate(() => (document.getElementById('details').open = true));
    assert.deepEqual(await unreachable(page), []);
    for (const [button, dialog] of [
      ['choose-model', 'models'],
      ['open-options', 'options'],
      ['share', 'sharing'],
    ]) {
      await page.evaluate((id) => document.getElementById(id).click(), button);
      await page.waitForSelector(`#${dialog}[open]`);
      assert.deepEqual(await unreachable(page), [], dialog);
      await page.keyboard.press('Escape');
    }
    const text = join(PREPARED, 'odd', 'text.tflite');
    await page.setInputFiles('#model-file', text);
    await page.waitForSelector('#problem:not([hidden])');
    assert.deepEqual(await unreachable(page), [], 'problem');
    await context.close();
  });
}

test('names that begin alike stay apart, and nothing of them is cut', async () => {
  const { page, context } = await openAt(360, 640);
  await modelReady(page);
  await showPicture(page, PICTURE);
  await page.evaluate((names) => {
    document.querySelectorAll('#top .name').forEach((element, i) => {
      element.textContent = names[i];
    });
    document.getElementById('answer').textContent = names[0];
    document.getElementById('model-name').textContent = names[1];
  }, ALIKE);
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll('#answer, .name, #model-name')]
      .filter((element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        const [text, box] = [range, element].map((x) =>
          x.getBoundingClientRect(),
        );
        const style = getComputedStyle(element);
        return (
          style.textOverflow === 'ellipsis' ||
          style.webkitLineClamp !== 'none' ||
          text.right > box.right + 1 ||
          text.bottom > box.bottom + 1
        );
      })
      .map(({ textContent }) => textContent),
  );
  assert.deepEqual(cut, []);
  await context.close();
});

for (const [width, height] of [
  [360, 640],
  [390, 844],
  [844, 390],
]) {
  test(`nothing moves between sure and not sure (${width} x ${height})`, async () => {
    const { page, context } = await openAt(width, height);
    await modelReady(page);
    const places = () =>
      page.evaluate(() =>
        Object.fromEntries(
          ['frame', 'panel', 'answer', 'pixels', 'top', 'details', 'freeze'].map(
            (id) => {
              const { x, y } = document
                .getElementById(id)
                .getBoundingClientRect();
              return [id, [x, y]];
            },
          ),
        ),
      );
    await showPicture(page, PICTURE);
    const sure = await places();
    const state = () => page.getAttribute('#panel', 'data-state');
    assert.equal(await state(), 'sure');
    await showPicture(page, BLURRED);
    assert.equal(await state(), 'unsure');
    assert.deepEqual(await places(), sure);
    await context.close();
  });
}

test('the text follows the size that the user has set', async () => {
  const { page, context } = await openAt(390, 844);
  await modelReady(page);
  await showPicture(page, PICTURE);
  const sizes = () =>
    page.evaluate(() =>
      ['answer', 'top', 'freeze-text', 'model-name', 'details'].map((id) =>
        parseFloat(getComputedStyle(document.getElementById(id)).fontSize),
      ),
    );
  const before = await sizes();
  await page.evaluate(() => {
    document.documentElement.style.fontSize = '150%';
  });
  (await sizes()).forEach((size, i) => {
    assert(Math.abs(size / before[i] - 1.5) < 0.01, `${size}, ${before[i]}`);
  });
  await context.close();
});

test('the focus never falls to the body', async () => {
  const { page, context } = await openAt(390, 844);
  await modelReady(page);
  const focused = async () => {
    await page.waitForTimeout(400);
    return page.evaluate(
      () => document.activeElement.id || document.activeElement.tagName,
    );
  };
  await page.focus('#start-camera');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.kerasfg.latest);
  assert.equal(await focused(), 'freeze');
  for (const [button, dialog] of [
    ['choose-model', 'models'],
    ['open-options', 'options'],
    ['share', 'sharing'],
  ]) {
    await page.focus(`#${button}`);
    await page.keyboard.press('Enter');
    await page.waitForSelector(`#${dialog}[open]`);
    await page.keyboard.press('Escape');
    assert.equal(await focused(), button);
  }
  await page.focus('#pixels-button');
  await page.keyboard.press('Enter');
  await showPicture(page, PICTURE);
  assert.equal(await focused(), 'pixels-button');
  await page.setInputFiles(
    '#model-file',
    join(PREPARED, 'odd', 'text.tflite'),
  );
  await page.waitForSelector('#problem:not([hidden])');
  await page.focus('#problem-close');
  await page.keyboard.press('Enter');
  assert.equal(await focused(), 'pixels-button');
  await context.close();
});

test('arrow keys look through the models, and load none', async () => {
  const several = await serve(join(PREPARED, 'app_newer'));
  const { page, context } = await open(browser, several.address);
  await modelReady(page);
  const name = () => page.textContent('#model-name');
  const first = await name();
  const openModels = async () => {
    await page.click('#choose-model');
    await page.waitForSelector('#models[open]');
    await page.focus('#model-list input');
  };
  const choose = async (key) => {
    await page.keyboard.press('ArrowDown');
    assert(await page.evaluate(() => document.getElementById('models').open));
    assert.equal(await name(), first);
    await page.keyboard.press(key);
    await page.waitForSelector('#models', { state: 'hidden' });
  };
  await openModels();
  await choose('Escape');
  await page.waitForTimeout(300);
  assert.equal(await name(), first);
  await openModels();
  await choose('Enter');
  await page.waitForFunction(
    (first) =>
      ![first, 'Loading …'].includes(
        document.getElementById('model-name').textContent,
      ),
    first,
  );
  await context.close();
  await several.stop();
});
