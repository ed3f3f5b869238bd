// Models from the user's files: which are loaded, and why others are refused.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  launch,
  modelReady,
  open,
  PREPARED,
  problem,
  result,
  serve,
  showPicture,
  stored,
} from './start.mjs';

const ODD = join(PREPARED, 'odd');
const PICTURE = join(PREPARED, 'picture.png');
const REFUSED = {
  flipped_byte: 'modelChanged',
  cut_off: ['modelForeign', 'modelBroken'],
  text: 'modelNotTflite',
  no_metadata: 'modelForeign',
  no_manifest: 'modelForeign',
  no_labels: 'modelNoLabels',
  wrong_size: 'modelInput',
  wrong_classes: ['modelOutput', 'modelLabelsDiffer'],
  wrong_answer: 'selfTestFailed',
  flex: ['selfTestFailed', 'modelRefused'],
  dynamic_batch: ['modelInput', 'modelRefused'],
  int8_input: ['modelInput', 'modelRefused'],
  older_format: 'modelFormat',
};
let browser, server, page;

before(async () => {
  browser = await launch();
  server = await serve(join(PREPARED, 'app'));
  ({ page } = await open(browser, server.address));
  await modelReady(page);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test('each bad model is refused with its reason, and the one before stays', async (t) => {
  const before = await page.textContent('#model-name');
  let answers = 0;
  for (const [name, wanted] of Object.entries(REFUSED)) {
    await t.test(name, async () => {
      await page.setInputFiles('#model-file', join(ODD, `${name}.tflite`));
      const { key, text } = await problem(page);
      assert([wanted].flat().includes(key), `${key}: ${text}`);
      assert(text.length > 10 && !/[{}]|undefined/.test(text), text);
      await page.click('#problem-close');
      assert.equal(await page.textContent('#model-name'), before);
      await showPicture(page, PICTURE);
      const { number } = await result(page);
      assert(number > answers);
      answers = number;
    });
  }
});

test('models of two and of five hundred classes work', async () => {
  for (const [name, classes] of [
    ['two', 2],
    ['many', 500],
  ]) {
    const buffer = await readFile(join(ODD, name, 'model.tflite'));
    const file = { name: `${name}.tflite`, mimeType: '', buffer };
    await page.setInputFiles('#model-file', file);
    await page.waitForFunction(
      (wanted) => window.kerasfg.latest?.classNames.length === wanted,
      classes,
    );
    const { raw, top, model } = await result(page);
    assert.equal(model, name);
    assert.equal(raw.length, classes);
    assert.equal(top.length, Math.min(3, classes));
    assert(Math.abs(raw.reduce((a, b) => a + b) - 1) < 1e-4);
  }
});

test('a model of the user is kept, listed, and there without a server', async () => {
  await stored(page);
  await server.stop();
  await page.reload();
  await modelReady(page);
  assert.equal(await page.textContent('#model-name'), 'many');
  await page.click('#choose-model');
  await page.waitForSelector('#models[open]');
  const names = await page.locator('#model-list label').allTextContents();
  assert.equal(names.length, 3);
  await page.locator('#model-list input').first().check();
  await page.waitForFunction(
    () => document.getElementById('model-name').textContent !== 'many',
  );
  await modelReady(page);
  await showPicture(page, PICTURE);
  server = null;
});
