// The service worker: the app without a network, and a new version.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { app, FakeBrowser, ROOT } from './fake_browser.mjs';

const ONE = app('1', {
  'index.html': 'page 1',
  'app.js': 'code 1',
  'models/a b/m.tflite': 'model',
  'LICENSES.txt': 'licences',
});
const TWO = app('2', {
  'index.html': 'page 2',
  'app.js': 'code 2',
  'models/a b/m.tflite': 'model',
  'LICENSES.txt': 'licences',
});

async function installed(files = ONE) {
  const browser = new FakeBrowser();
  browser.served = files;
  await browser.install();
  return browser;
}

test('after the first visit everything works without a network', async () => {
  const browser = await installed();
  browser.served = null;
  const { id, text } = await browser.open();
  assert.equal(text, 'page 1');
  assert.equal(await browser.text(id, 'app.js'), 'code 1');
  assert.equal(await browser.text(id, 'models/a%20b/m.tflite'), 'model');
  assert.equal((await browser.open('LICENSES.txt')).text, 'licences');
  assert.equal((await browser.open('index.html?x=1#y')).text, 'page 1');
  assert.match(await browser.text(id, 'app.json'), /"version":"1"/);
});

test('the page of the first visit keeps its version too', async () => {
  const browser = new FakeBrowser();
  browser.served = ONE;
  browser.pages.add('first');
  await browser.install();
  assert(browser.claimed.has('first'));
  browser.served = TWO;
  await browser.open();
  assert.equal((await browser.open()).text, 'page 2');
  assert.equal(await browser.text('first', 'app.js'), 'code 1');
});

test('a worker that the browser has ended continues', async () => {
  const browser = await installed();
  const { id } = await browser.open();
  browser.served = null;
  browser.startWorker();
  assert.equal(await browser.text(id, 'app.js'), 'code 1');
});

test('a new version is used completely, from the next start on', async () => {
  const browser = await installed();
  browser.served = TWO;
  const first = await browser.open();
  assert.equal(first.text, 'page 1');
  assert.equal(await browser.text(first.id, 'app.js'), 'code 1');
  assert.deepEqual(browser.messages, []);

  const second = await browser.open();
  assert.equal(second.text, 'page 2');
  assert.equal(await browser.text(second.id, 'app.js'), 'code 2');
  assert.deepEqual(browser.versions(), ['1', '2']);
  assert.equal(await browser.text(first.id, 'app.js'), 'code 1');
});

test('pages keep their version when the worker has been ended', async () => {
  const browser = await installed();
  const first = await browser.open();
  browser.served = TWO;
  const second = await browser.open();
  const third = await browser.open();
  browser.startWorker();
  browser.served = null;
  assert.equal(await browser.text(first.id, 'app.js'), 'code 1');
  assert.equal(await browser.text(second.id, 'app.js'), 'code 1');
  assert.equal(await browser.text(third.id, 'app.js'), 'code 2');
});

test('a version that no page uses is deleted', async () => {
  const browser = await installed();
  browser.served = TWO;
  await browser.open();
  browser.pages.clear();
  browser.startWorker();
  await browser.open();
  assert.deepEqual(browser.versions(), ['2']);
});

test('the page gets a message about a new version', async () => {
  const browser = await installed();
  await browser.open();
  browser.served = TWO;
  await browser.open();
  assert.deepEqual(browser.messages, ['next']);
});

test('a page that has missed the message may ask', async () => {
  const browser = await installed();
  browser.served = TWO;
  const first = await browser.open(); // and meanwhile the new one is stored
  await browser.ask(first.id);
  assert.deepEqual(browser.messages, ['next']);
  const second = await browser.open();
  await browser.ask(second.id);
  assert.deepEqual(browser.messages, ['next']);
});

test('files that are the same in both are not fetched again', async () => {
  const browser = await installed();
  browser.requested = [];
  browser.served = TWO;
  await browser.open();
  const changed = ['app.js', 'app.json', 'index.html'];
  assert.deepEqual(browser.requested.sort(), changed);
});

test('an incomplete new version is not used', async () => {
  const browser = await installed();
  browser.served = { ...TWO, 'app.js': 'code 1' };
  await browser.open();
  const { id, text } = await browser.open();
  assert.equal(text, 'page 1');
  assert.equal(await browser.text(id, 'app.js'), 'code 1');
  assert.deepEqual(browser.versions(), ['1']);
});

test('files that do not match app.json are not installed', async () => {
  const browser = new FakeBrowser();
  browser.served = { ...ONE, 'app.js': 'changed on the way' };
  await assert.rejects(browser.install(), /app\.js does not match/);
  assert.deepEqual(browser.versions(), []);
});

test('a stored file that was damaged is fetched again', async () => {
  const browser = await installed();
  const { id } = await browser.open();
  const key = `${ROOT}app.js`;
  browser.stored('1').set(key, new Response('code X'));
  assert.equal(await browser.text(id, 'app.js'), 'code 1');
  assert.equal(await browser.stored('1').get(key).clone().text(), 'code 1');
});

test('a damaged file that cannot be fetched again is not used', async () => {
  const browser = await installed();
  const { id } = await browser.open();
  browser.stored('1').set(`${ROOT}app.js`, new Response('code X'));
  browser.served = null;
  assert.equal((await browser.get(id, 'app.js')).status, 404);
  browser.served = TWO; // nor from another version
  assert.equal((await browser.get(id, 'app.js')).status, 404);
});

test('files that are not part of the app are not found', async () => {
  const browser = await installed();
  const { id } = await browser.open();
  browser.served = { ...ONE, 'other.js': 'something' };
  assert.equal((await browser.get(id, 'other.js')).status, 404);
});

test('a page of its owner in the same folder has its own files', async () => {
  const browser = new FakeBrowser();
  browser.served = { ...ONE, 'mine.html': 'mine', 'mine.js': 'my code' };
  browser.pages.add('before'); // the worker came later than this one
  browser.elsewhere.set('before', `${ROOT}mine.html`);
  await browser.install();
  assert.equal(await browser.text('before', 'mine.js'), 'my code');
  const { id, text } = await browser.open('mine.html');
  assert.equal(text, 'mine');
  assert.equal(await browser.text(id, 'mine.js'), 'my code');
});

test('pages of other apps of the host are told nothing', async () => {
  const browser = new FakeBrowser();
  browser.served = ONE;
  browser.pages.add('other');
  browser.elsewhere.set('other', 'https://phone.example/other/');
  await browser.install();
  assert.deepEqual(browser.strays, []);
});

test('a first visit without a network is told of', async () => {
  const browser = new FakeBrowser();
  browser.pages.add('page 0');
  await assert.rejects(browser.install(), /app.json/);
  assert.deepEqual(browser.messages, ['failed']);
});

test('without room nothing is stored, and the page learns it', async () => {
  const browser = new FakeBrowser();
  browser.served = ONE;
  browser.pages.add('page 0');
  browser.caches.room = 2;
  await assert.rejects(browser.install(), { name: 'QuotaExceededError' });
  assert.deepEqual(browser.messages, ['full']);
  assert.deepEqual(browser.versions(), []);
});

test('without room for a newer version the older is used', async () => {
  const browser = await installed();
  browser.caches.room = 2;
  browser.served = TWO;
  await browser.open();
  const { text } = await browser.open();
  assert.equal(text, 'page 1');
  assert.ok(!browser.messages.includes('full'));
});

test('a storage that the browser has emptied is filled again', async () => {
  const browser = await installed();
  browser.caches.stores.delete(`kerasfg app ${ROOT} 1`);
  const { id, text } = await browser.open();
  assert.equal(text, 'page 1');
  assert.equal(await browser.text(id, 'app.js'), 'code 1');
  assert.deepEqual(browser.versions(), ['1']);
});

test('the caches of other apps on the same host are left alone', async () => {
  const browser = await installed();
  await browser.caches.open('kerasfg app https://phone.example/other/ 9');
  await browser.open();
  assert.deepEqual(browser.versions(), ['1', '9']);
});

test('one build of LiteRT is stored, the others when asked for', async () => {
  const wasm = 'kerasfg/lib/litert/wasm/litert_wasm_';
  const builds = ['', 'compat_', 'threaded_'].map(
    (build) => `${wasm}${build}internal.wasm`,
  );
  const texts = Object.fromEntries(builds.map((name) => [name, name]));
  const cases = [
    [true, 0],
    [false, 1],
  ];
  for (const [relaxed, index] of cases) {
    const browser = new FakeBrowser();
    browser.relaxedSimd = relaxed;
    browser.served = app('1', { 'index.html': 'page', ...texts });
    await browser.install();
    const stored = [...browser.stored('1').keys()].filter((key) =>
      key.includes('wasm'),
    );
    assert.deepEqual(stored, [ROOT + builds[index]]);
    const { id } = await browser.open();
    const other = builds[2];
    assert.equal(await browser.text(id, other), other);
    browser.served = null;
    assert.equal(await browser.text(id, other), other);
  }
});

test('only the headers that count offline are stored', async () => {
  const browser = await installed();
  const { id } = await browser.open();
  const { headers } = await browser.get(id, 'app.js');
  assert.equal(headers.get('Content-Type'), 'x/y');
  assert.equal(headers.get('Age'), null);
});

test('the worker of a page has the version of the page', async () => {
  const browser = await installed();
  const first = await browser.open();
  browser.served = TWO;
  await browser.open(); // stores the new version
  browser.startWorker();
  const { id, text } = await browser.startPageWorker(first.id, 'app.js');
  assert.equal(text, 'code 1');
  assert.equal(await browser.text(id, 'app.js'), 'code 1');
  const second = await browser.open();
  assert.equal(await browser.text(second.id, 'app.js'), 'code 2');
  assert.equal(await browser.text(id, 'app.js'), 'code 1');
});
