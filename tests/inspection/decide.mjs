// Decides about the pictures of a page as a reader does, in Chromium.
//
//   node decide.mjs PAGE SAVED
//
// Saves what the page downloads, and prints what was seen as JSON.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(join(process.env.KERASFG_NODE_MODULES, 'any'));
const { chromium } = require('playwright-core');
const [file, saved] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.KERASFG_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
  });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) {
      complaints.push(request.url());
    }
  });
  await page.goto(pathToFileURL(file).href);

  const focused = () =>
    page.evaluate(() => document.activeElement.dataset.row ?? 'inside');
  const tally = () => page.textContent('#tally');
  assert.equal(await tally(), 'Nothing decided yet');

  // From the keyboard: leave out, and on to the next; one back; keep.
  await page.focus('.card[data-row="0"]');
  const outline = await page.evaluate(
    () => getComputedStyle(document.activeElement).outlineStyle,
  );
  assert.equal(outline, 'solid', 'the focus can be seen');
  await page.keyboard.press('l');
  assert.equal(await focused(), '1');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await focused(), '0');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('K');
  assert.equal(await focused(), '2');
  assert.match(await tally(), /^1 leave out, 1 keep of \d+$/);

  // A copy looks like no other class: its new one has to be chosen.
  await page.keyboard.press('r');
  assert.equal(await focused(), 'inside');
  assert.match(await tally(), /1 without a class$/);
  await page.selectOption('.card[data-row="2"] select', 'wren');
  assert.match(await tally(), /1 relabel of \d+$/);
  const own = await page.$$eval('.card[data-row="2"] option', (options) =>
    options.map((option) => option.value),
  );

  // By a click.
  await page.click('.card[data-row="3"] label:has-text("leave out")');
  const looks = await page.getAttribute('.card[data-row="3"]', 'data-decision');
  assert.equal(looks, 'leave out');

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.click('#save'),
  ]);
  assert.equal(download.suggestedFilename(), 'suspects.csv');
  await download.saveAs(saved);

  const widths = {};
  for (const width of [320, 390, 1200]) {
    await page.setViewportSize({ width, height: 844 });
    widths[width] = await page.evaluate(
      () => document.documentElement.scrollWidth,
    );
  }

  // axe-core is a script that the page's policy refuses.
  const open = await browser.newContext({ bypassCSP: true });
  const audited = await open.newPage();
  await audited.goto(pathToFileURL(file).href);
  await audited.addScriptTag({ path: require.resolve('axe-core/axe.min.js') });
  const audit = await audited.evaluate(() => axe.run());
  const barriers = audit.violations.map(
    ({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`,
  );
  console.log(JSON.stringify({ complaints, widths, own, barriers }));
} finally {
  await browser.close();
}
