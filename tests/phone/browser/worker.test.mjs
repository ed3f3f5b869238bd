// What is slow happens in a worker, with the numbers of Python; the page of a
// browser without one does it itself. Large pictures are read in strips.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  launch,
  modelReady,
  open,
  PREPARED,
  problem,
  readPrepared,
  result,
  serve,
  showPicture,
  stored,
} from './start.mjs';
import { slowNetwork } from './slow_network.mjs';

const IOS_LIMIT = 16_777_216; // pixels of a canvas
const LARGE = join(PREPARED, 'large.png');
let browser, server, large, answers;

before(async () => {
  large = Buffer.from((await readPrepared('large.json')).pixels, 'base64');
  ({ answers } = await readPrepared('library.json'));
  browser = await launch();
  server = await serve(join(PREPARED, 'app'));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Notes in the page which canvases are read there, and what holds it up. */
function watch(options) {
  if (options.withoutWorker) delete window.Worker;
  window.areas = [];
  const { prototype } = CanvasRenderingContext2D;
  const read = prototype.getImageData;
  prototype.getImageData = function (...given) {
    window.areas.push(this.canvas.width * this.canvas.height);
    return read.apply(this, given);
  };
  const create = window.createImageBitmap;
  window.createImageBitmap = async (...given) => {
    const bitmap = await create(...given);
    if (bitmap.width * bitmap.height <= options.limit) return bitmap;
    bitmap.close();
    throw new Error('too large for this phone');
  };
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasks.push(duration);
  }).observe({ type: 'longtask' });
}

async function openWatched(options) {
  const context = await browser.newContext();
  await context.addInitScript(watch, { limit: 1e12, ...options });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  await page.goto(options.address ?? server.address);
  await modelReady(page);
  return { page, context };
}

/** The picture's probabilities are Python's, those of 48 MP its pixels. */
async function assertAsPython(page) {
  await showPicture(page, join(PREPARED, 'wide.png'));
  const { classNames, calibrated } = await result(page);
  for (const { label, probability } of answers) {
    const given = calibrated[classNames.indexOf(label)];
    assert(Math.abs(given - probability) <= 1e-6, `${label}: ${given}`);
  }
  await showPicture(page, LARGE);
  assert(large.equals(Buffer.from((await result(page)).pixels)));
}

test('in a worker: the page itself reads no pixels', async (t) => {
  const { page, context } = await openWatched({});
  await assertAsPython(page);
  await page.evaluate(() => (window.longTasks.length = 0));
  await page.click('#freeze'); // which starts the camera
  await page.waitForFunction(() => window.kerasfg.latest?.number > 40);
  const { areas, longTasks } = await page.evaluate(() => ({
    areas: window.areas,
    longTasks: window.longTasks,
  }));
  assert.deepEqual(areas, []);
  const [worker, ...others] = page.workers();
  assert.deepEqual(others, []);
  const refused = await worker.evaluate(async () => {
    const violation = new Promise((resolve) =>
      addEventListener('securitypolicyviolation', resolve),
    );
    await fetch('http://127.0.0.1:9/').catch(() => {});
    return (await violation).effectiveDirective;
  });
  assert.equal(refused, 'connect-src'); // no other host
  t.diagnostic(`tasks over 50 ms while live: ${longTasks.map(Math.round)}`);
  await context.close();
});

test('without a worker, and where a large picture is not decoded', async () => {
  const options = { withoutWorker: true, limit: IOS_LIMIT };
  const { page, context } = await openWatched(options);
  await assertAsPython(page);
  const areas = await page.evaluate(() => window.areas);
  assert(areas.length > 2 && Math.max(...areas) <= IOS_LIMIT, `${areas}`);
  assert.equal(page.workers().length, 0);
  // A picture that fails leaves the model in use.
  await page.evaluate(() => {
    CanvasRenderingContext2D.prototype.getImageData = () => {
      throw new Error('no memory');
    };
  });
  await page.setInputFiles('#picture-file', join(PREPARED, 'wide.png'));
  const { key, text } = await problem(page);
  assert.equal(key, 'pictureFailed');
  assert.match(text, /no memory/);
  assert.notEqual(await page.textContent('#model-name'), 'No model');
  await context.close();
});

test('a first visit fetches nothing twice, and shows its progress', async () => {
  const network = await slowNetwork(server.address, { bitsPerSecond: 50e6 });
  const { page, context } = await open(browser, network.address);
  await page.waitForFunction(() => {
    const bar = document.getElementById('loading');
    return bar.checkVisibility() && bar.value > 0 && bar.value < bar.max;
  });
  await modelReady(page);
  assert(await page.isHidden('#loading'));
  await stored(page);
  const whole = network.requests.filter(({ status }) => status === 200);
  const seen = new Set();
  const twice = whole.filter(({ path }) => {
    const isKnown = seen.has(path || 'index.html');
    seen.add(path || 'index.html');
    return isKnown;
  });
  // The list of the files, which says whether there is a newer version; and
  // the page, once by its address without a name.
  const expected = ['app.json', 'index.html', 'service-worker.js'];
  const more = twice.filter(({ path }) => !expected.includes(path));
  assert.deepEqual(more, []);
  await context.close();
  network.stop();
});
