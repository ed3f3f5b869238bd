// What the model does not know is told: nothing that it knows, a coarser name,
// a question. The model is unsure/ of prepare.py.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  AXE,
  base64,
  launch,
  modelReady,
  open,
  PREPARED,
  readPrepared,
  result,
  serve,
  showPicture,
  startCamera,
  TEXTS,
} from './start.mjs';

const EXPORT = join(PREPARED, 'unsure');
const PICTURE = join(PREPARED, 'picture.png');
const BLURRED = join(PREPARED, 'blurred.png');
let browser, server, axe;

before(async () => {
  axe = await readFile(AXE, 'utf8');
  browser = await launch();
  server = await serve(join(PREPARED, 'app_onnx'));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Opens the app with the model in place of its own, changed. */
async function openWith(changes, options = {}) {
  const [{ folder, file }] = await readPrepared('app_onnx/models/models.json');
  const manifest = await readPrepared('unsure/kerasfg.json');
  const opened = await open(browser, 'about:blank', {
    serviceWorkers: 'block',
    reducedMotion: 'reduce',
    ...options,
  });
  const at = `**/models/${folder}`;
  await opened.page.route(`${at}/kerasfg.json`, (route) =>
    route.fulfill({ json: { ...manifest, ...changes } }),
  );
  await opened.page.route(`${at}/${file}`, async (route) =>
    route.fulfill({ body: await readFile(join(EXPORT, file)) }),
  );
  await opened.page.goto(server.address);
  await modelReady(opened.page);
  return opened;
}

const everyClass = (manifest, value) => ({
  precision: 0.9,
  thresholds: manifest.class_names.map(() => value),
});

const shown = (page) =>
  page.evaluate(() => {
    const text = (id) => document.getElementById(id).textContent;
    return {
      state: document.getElementById('panel').dataset.state,
      answer: text('answer'),
      hint: text('hint'),
      status: text('status'),
      question: document.getElementById('question').hidden
        ? null
        : text('question-text'),
      options: Array.from(
        document.querySelectorAll('#question button'),
        (button) => button.textContent,
      ),
      focus: document.activeElement.id,
    };
  });

async function assertAccessible(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  assert.deepEqual(violations.map(({ id }) => id), []);
}

test('the familiarity is as in Python', async (t) => {
  const { page, context } = await open(browser, server.address);
  const { size, images, familiarity } = await readPrepared('unsure.json');
  for (const [file, expected] of Object.entries(familiarity)) {
    const contents = await base64(join(EXPORT, file));
    const given = await page.evaluate(
      async ({ file, contents, size, images }) => {
        const bytes = (text) =>
          Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        const name = file.endsWith('onnx') ? 'onnxruntime' : 'litert';
        const path = new URL(`kerasfg/${name}.js`, document.baseURI);
        const { loadModel } = await import(path);
        const runtime = new URL('kerasfg/lib/', document.baseURI);
        const model = await loadModel(bytes(contents), runtime);
        const [all, length] = [bytes(images), size * size * 3];
        const answers = [];
        for (let start = 0; start < all.length; start += length) {
          const pixels = all.slice(start, start + length);
          const { familiarity } = await model.run(pixels, [1, size, size, 3]);
          answers.push(familiarity);
        }
        model.delete();
        return answers;
      },
      { file, contents, size, images },
    );
    assert.equal(given.length, expected.length);
    const differences = given.map((value, i) => Math.abs(value - expected[i]));
    const largest = Math.max(...differences);
    assert.ok(expected.some((x) => x < 0.5) && expected.some((x) => x > 0.5));
    t.diagnostic(`${file}: ${largest.toExponential(1)}`);
    assert.ok(largest <= 1e-6, `${file}: ${largest}`);
  }
  await context.close();
});

test('a picture of nothing that it knows', async () => {
  const manifest = await readPrepared('unsure/kerasfg.json');
  const { page, context, problems } = await openWith({
    class_thresholds: everyClass(manifest, 0),
  });
  await showPicture(page, BLURRED);
  const said = await shown(page);
  const { known, familiarity, isSure, coarser } = await result(page);
  assert.deepEqual([known, isSure, coarser], [false, false, null]);
  assert.ok(familiarity < 0.5);
  assert.equal(said.state, 'unknown');
  assert.equal(said.answer, TEXTS.unknown);
  assert.match(said.hint, /Nearest: \w+/);
  assert.match(said.status, /^None of these\. Nearest: /);
  assert.equal(said.question, null);
  await assertAccessible(page);
  await showPicture(page, PICTURE);
  assert.equal((await shown(page)).state, 'sure');
  assert.equal((await result(page)).known, true);
  assert.deepEqual(problems, []);
  await context.close();
});

test('a coarser name, where the class is not sure', async () => {
  const manifest = await readPrepared('unsure/kerasfg.json');
  const { page, context } = await openWith({
    class_thresholds: everyClass(manifest, 1),
    levels: [{ ...manifest.levels[0], threshold: 0 }],
  });
  await showPicture(page, PICTURE);
  const { coarser, isSure, known } = await result(page);
  const { state, answer, hint } = await shown(page);
  assert.deepEqual([isSure, known, coarser.level], [false, true, 'family']);
  assert.equal(state, 'coarser');
  assert.equal(answer.toLowerCase(), coarser.name);
  assert.match(hint, /^Only the family is sure\. Perhaps /);
  await assertAccessible(page);
  await context.close();
});

for (const screen of ['small', 'landscape']) {
  test(`questions by the keyboard, and undone (${screen})`, async () => {
    const manifest = await readPrepared('unsure/kerasfg.json');
    const { page, context } = await openWith(
      {
        class_thresholds: everyClass(manifest, 1),
        levels: undefined,
        outputs: undefined,
        temperature: 9, // so that there is something to ask
      },
      { screen },
    );
    await showPicture(page, PICTURE);
    const first = await shown(page);
    const before = (await result(page)).probabilities;
    assert.equal(first.state, 'unsure');
    assert.ok(first.options.length >= 3);
    assert.equal(first.options.at(-1), TEXTS.dontKnow);
    await assertAccessible(page);
    await page.focus('#question button');
    await page.keyboard.press('Enter');
    const second = await shown(page);
    assert.equal(second.focus, 'question-text');
    assert.notEqual(second.question, first.question);
    assert.deepEqual(second.options.slice(-2), [
      TEXTS.dontKnow,
      TEXTS.questionUndo,
    ]);
    const { probabilities } = await result(page);
    assert.notDeepEqual(probabilities, before);
    const total = probabilities.reduce((a, b) => a + b);
    assert.ok(Math.abs(total - 1) < 1e-12);
    await page.click(`#question button >> text=${TEXTS.dontKnow}`);
    const done = await shown(page);
    assert.deepEqual((await result(page)).probabilities, probabilities);
    assert.match(done.question, /: .+ · .+: Don’t know$/);
    assert.deepEqual(done.options, [TEXTS.questionUndo]);
    await assertAccessible(page);
    await page.click('#question button');
    await page.click(`#question button >> text=${TEXTS.questionUndo}`);
    assert.deepEqual((await shown(page)).question, first.question);
    assert.deepEqual((await result(page)).probabilities, before);
    await context.close();
  });
}

test('nothing is asked of a picture that moves, until it is frozen', async () => {
  const manifest = await readPrepared('unsure/kerasfg.json');
  const { page, context } = await openWith({
    class_thresholds: everyClass(manifest, 1),
    levels: undefined,
    outputs: undefined,
    temperature: 9,
  });
  await startCamera(page);
  const live = await shown(page);
  assert.equal(live.question, null);
  assert.match(live.hint, /Come closer, or zoom in\.$/);
  await page.click('#freeze');
  await page.waitForSelector('#question:not([hidden])');
  assert.match((await shown(page)).hint, /Zoom in on it\.$/);
  await page.click('#freeze');
  await page.waitForSelector('#question', { state: 'hidden' });
  await context.close();
});

test('a file of the user tells it as well', async () => {
  const { page, context } = await open(browser, server.address);
  await modelReady(page);
  const file = join(EXPORT, 'model_pixels32.tflite');
  await page.setInputFiles('#model-file', file);
  await page.waitForFunction(
    () => document.getElementById('model-name').textContent === 'Unsure',
  );
  await showPicture(page, BLURRED);
  assert.equal((await result(page)).known, false);
  await context.close();
});
