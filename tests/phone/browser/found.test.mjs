// What is kept: keep, correct, remove and undo, save as a zip file, which Python
// then reads. Also models of one name, the card, and the notice of an update.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  AXE,
  launch,
  modelReady,
  open,
  PREPARED,
  result,
  serve,
  showPicture,
  stored,
  TEXTS,
  waitForText,
} from './start.mjs';

const PYTHON = process.env.KERASFG_PYTHON ?? 'python3';
const PICTURES = ['picture.png', 'blurred.png', 'wide.png'];
let browser, server, folder;

before(async () => {
  browser = await launch();
  server = await serve(join(PREPARED, 'app'));
  folder = await mkdtemp(join(tmpdir(), 'kerasfg-'));
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true });
});

/** Opens a picture and keeps it; returns its result. */
async function keep(page, name) {
  await showPicture(page, join(PREPARED, name));
  const before = await count(page);
  await page.dblclick('#keep'); // counts once
  await until(async () => (await count(page)) === before + 1);
  return result(page);
}

/** Waits until a function returns true; the page's own wait takes no promise. */
async function until(holds) {
  for (let i = 0; i < 600; i++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never: ${holds}`);
}

const count = (page) =>
  page.evaluate(async () => {
    const { listFound } = await import('./found/store.js');
    return (await listFound()).length;
  });

async function openList(page) {
  await page.click('#open-found');
  await page.waitForSelector('#found[open]');
}

const names = (page) =>
  page.locator('#found-list strong').allTextContents();

async function opened(options = {}) {
  const app = await open(browser, server.address, options);
  await modelReady(app.page);
  return app;
}

test('nothing is kept, and a live picture cannot be', async () => {
  const { page, context } = await opened();
  await openList(page);
  assert(await page.isVisible('#found-empty'));
  assert(await page.isHidden('#found-export'));
  await page.keyboard.press('Escape');
  await page.click('#start-camera');
  await page.waitForFunction(() => window.kerasfg.latest);
  assert(await page.isHidden('#keep'));
  await page.click('#freeze');
  await page.waitForFunction(() => window.kerasfg.latest?.isStill);
  assert(await page.isVisible('#keep'));
  await context.close();
});

test('what was removed may be kept again; the focus stays in the list', async () => {
  const { page, context } = await opened();
  await keep(page, PICTURES[0]);
  await openList(page);
  await page.locator('#found-list .found-row').first().click();
  await page.waitForSelector('#found-entry[open]');
  await page.click('#found-remove');
  await page.waitForFunction(
    () => document.activeElement.id === 'found-close',
  );
  assert.equal(await count(page), 0);
  await page.keyboard.press('Escape');
  await page.click('#keep');
  await until(async () => (await count(page)) === 1);
  await context.close();
});

test('keep, check, correct, save; Python reads it', async () => {
  const { page, context, problems, hosts } = await opened();
  const results = [];
  for (const name of PICTURES) results.push(await keep(page, name));
  await page.click('#keep'); // the same once more
  await waitForText(page, '#toast-text', TEXTS.keptAlready);
  await page.click('#toast-action', { trial: true }); // nothing lies over it
  assert.equal(await count(page), 3);
  const unsure = results.filter(({ isSure }) => !isSure).length;
  assert(unsure >= 1);
  assert.equal(await page.textContent('#found-count'), String(unsure));

  await openList(page);
  await page.click('#found-check');
  const spare = results[0].classNames.at(-1);
  await page.fill('#found-search', spare.replaceAll('_', ' ').toUpperCase());
  assert(await page.isHidden('#found-new')); // it is no new name
  await page.keyboard.press('Enter');
  for (let left = unsure - 1; left > 0; left--) {
    // The next one is there.
    await until(async () => (await page.inputValue('#found-search')) === '');
    await page.fill('#found-search', 'Über/Vogel "x"');
    await page.click('#found-new');
  }
  await page.waitForSelector('#found-entry', { state: 'hidden' });
  assert(await page.isHidden('#found-check'));

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.click('#found-export'),
  ]);
  const zip = join(folder, 'found.zip');
  await download.saveAs(zip);
  const script =
    'import json, sys, warnings; from kerasfg.data import from_places; ' +
    's = from_places(sys.argv[1]); ' +
    'print(json.dumps([[s.class_names[y], s.read(i).size] ' +
    'for i, y in enumerate(s.labels)]))';
  const out = execFileSync(PYTHON, ['-P', '-c', script, zip]).toString();
  const found = JSON.parse(out.trim().split('\n').at(-1));
  const wanted = results.filter(({ isSure }) => isSure).map(best);
  wanted.push(spare, ...Array(unsure - 1).fill('Über/Vogel "x"'));
  assert.deepEqual(found.map(([label]) => label).sort(), wanted.sort());
  for (const [, size] of found) assert(Math.max(...size) <= 1024);
  assert.deepEqual([...hosts], [new URL(server.address).host]);
  assert.deepEqual(problems, []);
  await context.close();
});

function best({ classNames, probabilities }) {
  return classNames[probabilities.indexOf(Math.max(...probabilities))];
}

test('what is removed comes back, all of it, and outlives the page', async () => {
  const { page, context } = await opened();
  await keep(page, PICTURES[0]);
  await keep(page, PICTURES[1]);
  const contents = () =>
    page.evaluate(async () => {
      const store = await import('./found/store.js');
      const all = await store.listFound();
      all.sort((a, b) => a.time - b.time);
      const sum = async (buffer) => {
        const digest = await crypto.subtle.digest('SHA-256', buffer);
        return Array.from(new Uint8Array(digest)).join();
      };
      return Promise.all(
        all.map(async (entry) => {
          const { thumb, pixels } = await store.readThumb(entry.id);
          const picture = await store.readPicture(entry.id);
          return [entry, ...(await Promise.all([thumb, pixels, picture].map(sum)))];
        }),
      );
    });
  const before = await contents();
  await openList(page);
  const shown = await names(page);
  await page.locator('#found-list .round').first().click();
  await page.waitForSelector('#toast.on');
  await page.waitForFunction(
    () => document.querySelectorAll('#found-list li').length === 1,
  );
  const tag = await page.evaluate(() => document.activeElement.className);
  assert.equal(tag, 'found-row'); // the focus is on the next one
  await page.click('#toast-action');
  await page.waitForFunction(
    () => document.querySelectorAll('#found-list li').length === 2,
  );
  assert.deepEqual(await names(page), shown);
  assert.deepEqual(await contents(), before);
  await page.reload();
  await modelReady(page);
  assert.deepEqual(await contents(), before);
  await context.close();
});

test("the network's pixels are kept exactly", async () => {
  const { page, context } = await opened();
  const { pixels } = await keep(page, PICTURES[0]);
  const kept = await page.evaluate(async () => {
    const { listFound, readThumb } = await import('./found/store.js');
    const [{ id }] = await listFound();
    const file = new Blob([(await readThumb(id)).pixels]);
    const bitmap = await createImageBitmap(file);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    return Array.from(data).filter((_, i) => i % 4 < 3);
  });
  assert.deepEqual(kept, pixels);
  await context.close();
});

test('the place is kept only if asked for', async () => {
  const { page, context } = await opened({
    geolocation: { latitude: 48.5, longitude: 9.05, accuracy: 20 },
    permissions: ['geolocation'],
  });
  await keep(page, PICTURES[0]);
  await openList(page);
  await page.check('#found-place');
  await page.keyboard.press('Escape');
  await keep(page, PICTURES[1]);
  const places = () =>
    page.evaluate(async () => {
      const { listFound } = await import('./found/store.js');
      const all = (await listFound()).sort((a, b) => a.time - b.time);
      return all.map(({ place }) => place);
    });
  await until(async () => (await places()).some(Boolean));
  assert.deepEqual(await places(), [
    null,
    { latitude: 48.5, longitude: 9.05, accuracy: 20 },
  ]);
  await context.close();
});

test('a place that is refused switches it off', async () => {
  const { page, context } = await opened({ permissions: [] });
  await openList(page);
  await page.click('#found-place');
  await waitForText(page, '#found-place-hint', TEXTS.placeDenied);
  assert.equal(await page.isChecked('#found-place'), false);
  await context.close();
});

test('full storage is said, and nothing is half kept', async () => {
  const { page, context } = await opened();
  await keep(page, PICTURES[0]);
  await page.evaluate(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...values) {
      if (this.name !== 'pictures') return put.apply(this, values);
      throw new DOMException('no room', 'QuotaExceededError');
    };
  });
  await showPicture(page, join(PREPARED, PICTURES[1]));
  await page.click('#keep');
  await waitForText(page, '#toast-text', TEXTS.foundFull);
  assert.equal(await count(page), 1);
  await context.close();
});

test('a thousand entries are listed, and few pictures are read', async () => {
  const { page, context } = await opened();
  await keep(page, PICTURES[0]);
  await page.evaluate(async () => {
    const store = await import('./found/store.js');
    const [entry] = await store.listFound();
    const { thumb, pixels } = await store.readThumb(entry.id);
    const picture = thumb;
    for (let i = 0; i < 999; i++) {
      const next = { ...entry, id: `${i}`, time: entry.time - i };
      await store.putFound(next, { thumb, pixels, picture });
    }
    const make = URL.createObjectURL;
    const revoke = URL.revokeObjectURL;
    window.addresses = { made: 0, open: 0 };
    URL.createObjectURL = (blob) => {
      window.addresses.made += 1;
      window.addresses.open += 1;
      return make(blob);
    };
    URL.revokeObjectURL = (address) => {
      window.addresses.open -= 1;
      revoke(address);
    };
  });
  await openList(page);
  await page.waitForFunction(
    () => document.querySelectorAll('#found-list img[src]').length > 4,
  );
  assert.equal((await names(page)).length, 1000);
  await page.waitForFunction(() => window.addresses.open === 0);
  const { made } = await page.evaluate(() => window.addresses);
  assert(made < 100, `${made} pictures were read`);
  await context.close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing wrong (${colorScheme})`, async () => {
    const { page, context } = await opened({
      colorScheme,
      reducedMotion: 'reduce',
    });
    const axe = await readFile(AXE, 'utf8');
    const check = async (what) => {
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run());
      const found = violations.map(({ id, nodes }) => [
        id,
        nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`),
      ]);
      assert.deepEqual(found, [], what);
    };
    await openList(page);
    await check('empty');
    await page.keyboard.press('Escape');
    await keep(page, PICTURES[0]);
    await check('kept');
    await keep(page, PICTURES[1]);
    await openList(page);
    await check('list');
    await page.click('#found-check');
    await page.waitForSelector('#found-entry[open]');
    await page.fill('#found-search', 'a new one');
    await check('entry');
    await page.keyboard.press('Escape'); // clears the search
    await page.keyboard.press('Escape');
    await page.waitForSelector('#found-entry', { state: 'hidden' });
    await page.locator('#found-list .round').first().click();
    await page.waitForSelector('#toast.on');
    await check('removed');
    await context.close();
  });
}

test('own models of one name are side by side; removing can be undone', async () => {
  const { page, context } = await opened();
  const stored = () =>
    page.evaluate(async () => {
      const { listOwnModels } = await import('./model/own_models.js');
      return (await listOwnModels()).length;
    });
  const load = async (name, count) => {
    const path = join(PREPARED, 'odd', name, 'model.tflite');
    await page.setInputFiles('#model-file', path);
    await waitForText(page, '#model-name', name);
    await until(async () => (await stored()) === count);
  };
  await load('two', 1);
  await load('many', 2);
  await load('two', 2); // the same once more
  await page.evaluate(async () => {
    const own = await import('./model/own_models.js');
    const file = new Blob(['another file of the same name']);
    await own.storeOwnModel(await own.idOf('two', file), file);
  });
  await page.click('#choose-model');
  await page.waitForSelector('#models[open]');
  const list = () => page.locator('#model-list label').allTextContents();
  const before = await list();
  assert.equal(before.length, 4);
  const twos = before.filter((text) => text.startsWith('two'));
  assert.equal(twos.length, 2);
  assert.notEqual(twos[0], twos[1]);
  for (const text of twos) assert.match(text, / MB · .*2\d\d\d/);
  await page.locator('#model-list .round').first().click();
  await page.waitForFunction(
    () => document.querySelectorAll('#model-list label').length === 3,
  );
  await page.click('#toast-action');
  await page.waitForFunction(
    () => document.querySelectorAll('#model-list label').length === 4,
  );
  assert.deepEqual((await list()).sort(), before.sort());
  await context.close();
});

test('a model that an older version has stored is still found', async () => {
  const { page, context } = await opened();
  const path = join(PREPARED, 'odd', 'two', 'model.tflite');
  const bytes = (await readFile(path)).toString('base64');
  await page.evaluate(async (bytes) => {
    const file = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
    const root = new URL('./', location.href).href;
    const cache = await caches.open(`kerasfg own models ${root}`);
    const address = `${root}own/${encodeURIComponent('My / two')}`;
    await cache.put(address, new Response(file));
    const key = `kerasfg ${root}`;
    const settings = JSON.parse(localStorage.getItem(key));
    const next = { ...settings, model: 'own/My / two' };
    localStorage.setItem(key, JSON.stringify(next));
  }, bytes);
  await page.reload();
  await modelReady(page);
  assert.equal(await page.textContent('#model-name'), 'My / two');
  await context.close();
});

test('the shared card has its size', async () => {
  const { page, context, problems } = await opened();
  await showPicture(page, join(PREPARED, PICTURES[0]));
  await page.click('#share');
  await page.waitForFunction(
    () => document.getElementById('sharing-card').naturalWidth === 1080,
  );
  const height = await page.evaluate(
    () => document.getElementById('sharing-card').naturalHeight,
  );
  assert.equal(height, 1350);
  assert.deepEqual(problems, []);
  await context.close();
});

test('a new version can be loaded from its notice', async () => {
  const { page, context } = await opened();
  await stored(page);
  const { port } = server;
  await server.stop();
  server = await serve(join(PREPARED, 'app_newer'), { port });
  await page.reload();
  await waitForText(page, '#toast-text', TEXTS.offlineNext);
  const version = () =>
    page.evaluate(async () => (await (await fetch('app.json')).json()).version);
  const before = await version();
  await Promise.all([page.waitForEvent('load'), page.click('#toast-action')]);
  await modelReady(page);
  assert.notEqual(await version(), before);
  await context.close();
});
