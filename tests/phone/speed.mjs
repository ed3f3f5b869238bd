// How long a first and a second visit take, how many results a second the
// camera gives, and how long shrinking a frame takes. Not part of the checks:
//
//   KERASFG_PREPARED=... KERASFG_NODE_MODULES=... \
//     node tests/phone/speed.mjs APP [APP ...]
//
// Several apps, such as before and after a change, are measured in turn, since
// the numbers depend on what else the machine does.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

import { resample } from '../../export/phone/kerasfg/low_resolution.js';
import { launch, PREPARED, serve } from './browser/start.mjs';
import { slowNetwork } from './browser/slow_network.mjs';

const ROUNDS = 2;
const BITS_PER_SECOND = 10e6;
const SLOWER = 4; // the page's thread; browsers leave workers as they are
const PICTURE = join(PREPARED, 'picture.png');

console.log(`a frame of 720 x 720 to 32 x 32: ${shrinking(4)} ms`);
console.log(`its first pass without SIMD: ${shrinking(3)} ms`);

const folder = await mkdtemp(join(tmpdir(), 'kerasfg-'));
const film = await readFile(join(PREPARED, 'film.y4m'));
film.write('F60:1', film.indexOf('F10:1'));
await writeFile(join(folder, 'fast.y4m'), film);

for (let round = 1; round <= ROUNDS; round++) {
  for (const app of process.argv.slice(2)) {
    const [load] = loadavg();
    const figures = await measure(app);
    console.log(`round ${round}, load ${load.toFixed(1)}, ${app}`);
    for (const [what, value] of Object.entries(figures)) {
      console.log(`  ${what}: ${value}`);
    }
  }
}
await rm(folder, { recursive: true });

async function measure(app) {
  const server = await serve(app);
  const network = await slowNetwork(server.address, {
    bitsPerSecond: BITS_PER_SECOND,
  });
  const browser = await launch({ film: join(folder, 'fast.y4m') });
  const context = await browser.newContext();
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  await client.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  const first = await visit(page, network.address);
  const megabytes = bytesOf(network) / 1e6;
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await page.waitForTimeout(3000);
  const all = bytesOf(network) / 1e6;
  const second = await visit(page, network.address);
  const slow = await live(page);
  await client.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  const full = await live(page);
  await browser.close();
  network.stop();
  await server.stop();
  return {
    'first visit, s': seconds(first),
    'second visit, s': seconds(second),
    'MB until the first result': megabytes.toFixed(2),
    'MB until stored': all.toFixed(2),
    [`${SLOWER} times slower, live`]: slow,
    live: full,
  };
}

/** Milliseconds from the address to the result of a picture. */
async function visit(page, address) {
  const began = performance.now();
  await page.goto(address, { waitUntil: 'commit' });
  await page.waitForFunction(() => 'kerasfg' in window);
  await page.setInputFiles('#picture-file', PICTURE);
  await page.waitForFunction(() => window.kerasfg.latest);
  return performance.now() - began;
}

/** Results a second, and the milliseconds of one as the page shows them. */
async function live(page) {
  const isLive = await page.evaluate(
    () => document.getElementById('main').dataset.phase === 'live',
  );
  if (!isLive) await page.click('#freeze');
  await page.waitForTimeout(1500);
  return page.evaluate(async () => {
    let longest = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        longest = Math.max(longest, duration);
      }
    });
    observer.observe({ type: 'longtask' });
    const begun = [window.kerasfg.latest.number, performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 6000));
    const results = window.kerasfg.latest.number - begun[0];
    const rate = (1000 * results) / (performance.now() - begun[1]);
    const facts = document.getElementById('facts').textContent;
    return `${rate.toFixed(1)} results/s, ${facts}, longest task ${longest} ms`;
  });
}

function bytesOf({ requests }) {
  return requests.reduce((sum, { bytes }) => sum + bytes, 0);
}

function seconds(milliseconds) {
  return (milliseconds / 1000).toFixed(1);
}

/** The median of some times; SIMD needs four channels. */
function shrinking(channels) {
  const [width, height] = [720, 720];
  const data = new Uint8Array(width * height * channels).fill(100);
  const times = Array.from({ length: 30 }, () => {
    const began = performance.now();
    resample({ data, width, height }, 32, channels);
    return performance.now() - began;
  });
  return times.sort((a, b) => a - b)[15].toFixed(1);
}
