// Memory does not grow over ten minutes of frames.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launch, modelReady, PREPARED, serve, startCamera } from './start.mjs';

const FRAMES = 10 * 60 * 30;
let browser, server, folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kerasfg-'));
  const film = await readFile(join(PREPARED, 'film.y4m'));
  film.write('F60:1', film.indexOf('F10:1'));
  await writeFile(join(folder, 'fast.y4m'), film);
  browser = await launch({ film: join(folder, 'fast.y4m') });
  server = await serve(join(PREPARED, 'app'));
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true });
});

/** Bytes of JavaScript's heap, and of WASM, after the garbage is gone. */
async function memory(page, client) {
  await client.send('HeapProfiler.collectGarbage');
  const { usedSize } = await client.send('Runtime.getHeapUsage');
  const wasm = await page.evaluate(() =>
    window.wasmMemories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
  );
  assert(wasm > 0);
  return { heap: usedSize, wasm };
}

function assertSteady(before, after) {
  for (const kind of ['heap', 'wasm']) {
    const growth = after[kind] / before[kind] - 1;
    assert(growth <= 0.05, `${kind} grew by ${(100 * growth).toFixed(1)} %`);
  }
}

async function openWatched() {
  const context = await browser.newContext();
  await context.addInitScript(() => {
    // Everything in the page, whose memory can be measured.
    delete window.Worker;
    // The engine does not expose its memory: catch it where it is created.
    window.wasmMemories = [];
    const keep = (result) => {
      const { exports } = result.instance ?? result;
      for (const value of Object.values(exports)) {
        if (value instanceof WebAssembly.Memory) wasmMemories.push(value);
      }
      return result;
    };
    for (const name of ['instantiate', 'instantiateStreaming']) {
      const original = WebAssembly[name];
      WebAssembly[name] = (...given) => original(...given).then(keep);
    }
  });
  const page = await context.newPage();
  await page.goto(server.address);
  await modelReady(page);
  return { page, client: await context.newCDPSession(page) };
}

test(`${FRAMES} frames through the session`, async (t) => {
  const { page, client } = await openWatched();
  const classify = (frames) =>
    page.evaluate(async (frames) => {
      const load = (name) => import(new URL(name, document.baseURI));
      const { allModels } = await load('model/choices.js');
      const { makeSession } = await load('model/session.js');
      if (!window.session) {
        const [first] = await allModels();
        window.session = makeSession();
        await window.session.use((await first.load()).model);
      }
      const canvas = new OffscreenCanvas(64, 48);
      const context = canvas.getContext('2d');
      const source = () => canvas;
      for (let now = 0; now < frames; now++) {
        context.fillStyle = `hsl(${now % 360} 50% 50%)`;
        context.fillRect(0, 0, 64, 48);
        const view = { zoom: 1 };
        await window.session.classify(source, { view, smooth: true, now });
      }
    }, frames);
  // The first thousands bring what is compiled, 0.2 MB; 18,000 more bring 8 kB.
  await classify(3000);
  const before = await memory(page, client);
  await classify(FRAMES);
  const after = await memory(page, client);
  t.diagnostic(
    `heap ${(after.heap / before.heap).toFixed(3)}, ` +
      `WASM ${(after.wasm / before.wasm).toFixed(3)} of before`,
  );
  assertSteady(before, after);
  await page.context().close();
});

test('the camera, on the screen', async (t) => {
  const { page, client } = await openWatched();
  await startCamera(page);
  const wait = (frames) =>
    page.waitForFunction(
      (wanted) => window.kerasfg.latest?.number > wanted,
      frames,
      { timeout: 120_000 },
    );
  await wait(1500); // until everything is compiled
  const before = await memory(page, client);
  await wait(3000);
  const after = await memory(page, client);
  t.diagnostic(`heap ${(after.heap / before.heap).toFixed(3)} of before`);
  assertSteady(before, after);
  await page.context().close();
});

test('models loaded in turn', async (t) => {
  const { page, client } = await openWatched();
  await page.setInputFiles('#picture-file', join(PREPARED, 'picture.png'));
  const load = async (times) => {
    for (let i = 0; i < times; i++) {
      const name = ['two', 'many'][i % 2];
      const file = join(PREPARED, 'odd', name, 'model.tflite');
      await page.setInputFiles('#model-file', file);
      await page.waitForFunction(
        (wanted) => window.kerasfg.latest?.model === wanted,
        name,
      );
    }
  };
  await load(8);
  const before = await memory(page, client);
  await load(8);
  const after = await memory(page, client);
  t.diagnostic(`heap ${(after.heap / before.heap).toFixed(3)} of before`);
  assertSteady(before, after);
  await page.context().close();
});
