// What the app knows, its examples, and its languages.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  AXE,
  launch,
  open,
  PREPARED,
  problem,
  readPrepared,
  result,
  serve,
  TEXTS,
  waitForText,
} from './start.mjs';

const GERMAN = await readPrepared('app_own/languages/de.json');
const OWN = await readPrepared('own.json');
let browser, server, axe;

before(async () => {
  axe = await readFile(AXE, 'utf8');
  browser = await launch({ camera: 'none' });
  server = await serve(join(PREPARED, 'app_own'));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function start(options) {
  const opened = await open(browser, server.address, options);
  await opened.page.waitForSelector('#open-classes:enabled');
  return opened;
}

async function assertAccessible(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0].html]), [], what);
}

test('the title, the accent and the icon are those of its maker', async () => {
  const { page, context } = await start();
  assert.equal(await page.title(), OWN.title);
  assert.equal(await page.textContent('#title'), OWN.title);
  const accent = await page.evaluate(() =>
    getComputedStyle(document.documentElement).getPropertyValue('--accent'),
  );
  assert.equal(accent.trim(), OWN.accent);
  await context.close();
});

test('an example on the start screen gives the first answer', async () => {
  const { page, context, problems } = await start();
  const knows = TEXTS.knows.replace('{count}', OWN.labels.length);
  assert.equal(await page.textContent('#open-classes'), knows);
  assert.equal(await page.locator('#sample-list img').count(), 4);
  await page.click('#sample-list button');
  await page.waitForFunction(() => window.kerasfg.latest?.isStill);
  assert.ok(OWN.labels.includes((await result(page)).classNames[0]));
  assert.deepEqual(problems, []);
  await context.close();
});

test('all classes are listed, searched, and tried', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const { page, context, problems } = await start({ colorScheme });
    await page.click('#open-classes');
    const names = () => page.locator('#class-list h3').allTextContents();
    assert.equal((await names()).length, OWN.labels.length);
    await assertAccessible(page, `classes (${colorScheme})`);
    const attribute = OWN.attributes[0].replaceAll('_', ' ');
    const row = page.locator('#class-list li', { hasText: attribute });
    assert.ok((await row.count()) > 0, attribute);
    const confused = TEXTS.confusedWith.split('{')[0];
    assert.ok((await page.textContent('#class-list')).includes(confused));
    await page.fill('#class-search', 'no such thing');
    await waitForText(page, '#class-count', TEXTS.noClass);
    await page.fill('#class-search', OWN.search);
    assert.deepEqual(await names(), [OWN.found]);
    await page.click('#class-list button');
    await page.waitForFunction(() => window.kerasfg.latest?.isStill);
    assert.equal(await page.locator('#classes[open]').count(), 0);
    assert.deepEqual(problems, []);
    await context.close();
  }
});

test('the page speaks the language of the browser, or another', async () => {
  const { page, context } = await start({ locale: 'de-AT' });
  assert.equal(await page.getAttribute('html', 'lang'), 'de');
  await page.click('#open-classes');
  const listed = await page.locator('#class-list h3').allTextContents();
  assert.ok(listed.includes(OWN.german), OWN.german);
  await page.keyboard.press('Escape');
  assert.equal(
    await page.textContent('#start-picture'),
    GERMAN.choosePicture,
  );
  await page.click('#open-options');
  await assertAccessible(page, 'options');
  await page.selectOption('#language', 'en');
  await waitForText(page, '#options-title', TEXTS.options);
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
  const [fact] = await page.locator('#model-facts dt').allTextContents();
  assert.equal(fact, TEXTS.aboutModel);
  await page.reload(); // it is remembered
  await waitForText(page, '#start-picture', TEXTS.choosePicture);
  await context.close();
});

test('a HEIC picture that the browser cannot open is told of', async () => {
  const { page, context } = await start();
  const buffer = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0', 'latin1');
  const file = { name: 'IMG_1.HEIC', mimeType: 'image/heic', buffer };
  await page.setInputFiles('#picture-file', file);
  const { key, text } = await problem(page);
  assert.equal(key, 'pictureHeic');
  assert.equal(text, TEXTS.pictureHeic);
  await context.close();
});

test('an old browser is told at once, and fetches no model', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.addInitScript(() => {
    WebAssembly.validate = () => false;
  });
  await page.goto(server.address);
  const { key } = await problem(page);
  assert.equal(key, 'noSimd');
  assert.equal(await page.textContent('#problem-title'), TEXTS.browserTitle);
  assert.deepEqual(asked.filter((url) => /\.(tflite|wasm)$/.test(url)), []);
  await context.close();
});
