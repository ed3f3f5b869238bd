// The installed app: without a server, and with a new version.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  launch,
  modelReady,
  open,
  PREPARED,
  result,
  serve,
  startCamera,
  stored,
  TEXTS,
} from './start.mjs';

const OLD = join(PREPARED, 'app');
const NEWER = join(PREPARED, 'app_newer');
let browser, server, folder;

before(async () => {
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), 'kerasfg-'));
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true });
});

/** Serves another folder at the same address. */
async function serveInstead(next) {
  const { port } = server;
  await server.stop();
  server = await serve(next, { port });
}

async function installed(next = OLD) {
  await server?.stop();
  server = await serve(next);
  const opened = await open(browser, server.address);
  await modelReady(opened.page);
  await stored(opened.page);
  return opened;
}

async function listOf(app) {
  return JSON.parse(await readFile(join(app, 'app.json'), 'utf8'));
}

/** Asserts that the page gets each of its files as that app has it. */
async function assertVersion(page, app) {
  const { version, files } = await listOf(app);
  // LiteRT's other builds are not stored: no device needs them all.
  const names = Object.keys(files).filter((name) => !name.includes('wasm/'));
  const found = await page.evaluate(async (names) => {
    const get = async (name) => {
      const response = await fetch(name);
      if (!response.ok) return [name, response.status];
      const digest = await crypto.subtle.digest(
        'SHA-256',
        await response.arrayBuffer(),
      );
      const digits = Array.from(new Uint8Array(digest), (byte) =>
        byte.toString(16).padStart(2, '0'),
      );
      return [name, digits.join('')];
    };
    const { version } = await (await fetch('app.json')).json();
    return { version, files: await Promise.all(names.map(get)) };
  }, names);
  assert.equal(found.version, version);
  for (const [name, hash] of found.files) assert.equal(hash, files[name], name);
}

/** A copy of an app with other contents of one file, and of the list. */
async function changed(app, name, contents, { isListed }) {
  const copy = await mkdtemp(join(folder, 'app-'));
  await cp(app, copy, { recursive: true });
  await writeFile(join(copy, name), contents);
  const list = await listOf(app);
  if (isListed) {
    list.files[name] = createHash('sha256').update(contents).digest('hex');
  }
  list.version = 'f'.repeat(64);
  await writeFile(join(copy, 'app.json'), JSON.stringify(list));
  return copy;
}

test('without a server it starts, and classifies what the camera sees', async () => {
  const { page, context, problems } = await installed();
  await server.stop();
  await page.reload();
  await modelReady(page);
  await startCamera(page);
  const { top } = await result(page);
  assert.equal(top.length, 3);
  await page.reload(); // and again, which starts the camera by itself
  await page.waitForFunction(() => window.kerasfg?.latest?.isStill === false);
  assert.deepEqual(
    problems.filter((text) => !/ERR_CONNECTION_REFUSED|fetch/.test(text)),
    [],
  );
  server = null;
  await context.close();
});

test('a new version is used whole, from the next start on', async () => {
  const { page, context } = await installed();
  await assertVersion(page, OLD);
  await serveInstead(NEWER);
  await assertVersion(page, OLD); // the open page stays what it is
  await page.reload();
  await assertVersion(page, OLD);
  await stored(page, TEXTS.offlineNext);
  await assertVersion(page, OLD);
  await server.stop();
  server = null;
  await page.reload();
  await modelReady(page);
  await assertVersion(page, NEWER);
  await context.close();
});

test('a page that is slow to start learns of a new version too', async () => {
  const { page, context } = await installed();
  // Messages that come while it starts are lost.
  await context.addInitScript(() => {
    const container = navigator.serviceWorker;
    const register = container.register.bind(container);
    let isStarting = true;
    container.addEventListener('message', (event) => {
      if (isStarting) event.stopImmediatePropagation();
    });
    container.register = async (...options) => {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      isStarting = false;
      return register(...options);
    };
  });
  await serveInstead(NEWER);
  await page.reload();
  await stored(page, TEXTS.offlineNext);
  await assertVersion(page, OLD);
  await context.close();
});

test('two pages of different versions each stay with their own', async () => {
  const { page, context } = await installed();
  await serveInstead(NEWER);
  const other = await context.newPage();
  await other.goto(server.address);
  await stored(other, TEXTS.offlineNext);
  await other.reload();
  await modelReady(other);
  await assertVersion(other, NEWER);
  await assertVersion(page, OLD);
  await context.close();
});

test('a new version with a changed file is not taken', async () => {
  const { page, context } = await installed();
  // A file that differs from the old version's, which would be used instead.
  const name = 'models/models.json';
  const contents = `${await readFile(join(NEWER, name), 'utf8')}\n`;
  await serveInstead(await changed(NEWER, name, contents, { isListed: false }));
  await page.reload();
  await modelReady(page);
  await page.waitForTimeout(2000);
  await page.reload();
  await modelReady(page);
  await assertVersion(page, OLD);
  await context.close();
});

test('a damaged file in the cache is never used', async () => {
  const { page, context } = await installed();
  const damage = () =>
    page.evaluate(async () => {
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
          if (!request.url.endsWith('/kerasfg/probabilities.js')) continue;
          const headers = { 'Content-Type': 'text/javascript' };
          await cache.put(request, new Response('throw 1', { headers }));
        }
      }
    });
  await damage();
  await page.reload();
  await modelReady(page); // it was fetched again
  await assertVersion(page, OLD);
  await damage();
  await server.stop();
  server = null;
  await page.reload();
  const { status, text } = await page.evaluate(async () => {
    const response = await fetch('kerasfg/probabilities.js');
    return { status: response.status, text: await response.text() };
  });
  // The browser's own cache may have it still.
  const hash = createHash('sha256').update(text).digest('hex');
  const { files } = await listOf(OLD);
  const isIntact = hash === files['kerasfg/probabilities.js'];
  assert(status === 404 || isIntact, `${status}: ${text}`);
  await context.close();
});

test('a model that does not match kerasfg.json is refused', async () => {
  const list = await readFile(join(OLD, 'models', 'models.json'), 'utf8');
  const [{ folder: inside, file }] = JSON.parse(list);
  const name = `models/${inside}/${file}`;
  const contents = await readFile(join(OLD, name));
  contents[contents.length >> 1] ^= 1;
  const app = await changed(OLD, name, contents, { isListed: true });
  await server?.stop();
  server = await serve(app);
  const { page, context } = await open(browser, server.address);
  await page.waitForSelector('#problem[data-problem="modelChanged"]');
  assert.equal(await page.textContent('#answer'), TEXTS.noModel);
  await context.close();
});
