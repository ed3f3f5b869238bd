// The page is installable, accessible, private, and fits small screens.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  AXE,
  launch,
  modelReady,
  open,
  PREPARED,
  problem,
  readPrepared,
  result,
  SCREENS,
  serve,
  showPicture,
  startCamera,
  stored,
  TEXTS,
} from './start.mjs';

const PICTURE = join(PREPARED, 'picture.png');
let browser, server, axe;

before(async () => {
  axe = await readFile(AXE, 'utf8');
  browser = await launch();
  server = await serve(join(PREPARED, 'app'));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function assertAccessible(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  const found = violations.map(({ id, nodes }) => [
    id,
    nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`),
  ]);
  assert.deepEqual(found, [], what);
}

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing wrong (${colorScheme})`, async () => {
    const { page, context } = await open(browser, server.address, {
      colorScheme,
      reducedMotion: 'reduce',
    });
    await modelReady(page);
    await assertAccessible(page, 'start');
    for (const [button, dialog] of [
      ['#choose-model', '#models'],
      ['#open-options', '#options'],
    ]) {
      await page.click(button);
      await page.waitForSelector(`${dialog}[open]`);
      await assertAccessible(page, dialog);
      await page.keyboard.press('Escape');
      await page.waitForSelector(dialog, { state: 'hidden' });
    }
    await startCamera(page);
    await assertAccessible(page, 'camera');
    await page.click('#freeze');
    await page.waitForFunction(() => window.kerasfg.latest?.isStill);
    await assertAccessible(page, 'frozen');
    await page.click('#share');
    await assertAccessible(page, 'share');
    await page.keyboard.press('Escape');
    const text = join(PREPARED, 'odd', 'text.tflite');
    await page.setInputFiles('#model-file', text);
    await problem(page);
    await assertAccessible(page, 'problem');
    await context.close();
  });
}

test('it can be installed', async () => {
  const { page, context } = await open(browser, server.address);
  await stored(page);
  const client = await context.newCDPSession(page);
  const { errors } = await client.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const { installabilityErrors } = await client.send(
    'Page.getInstallabilityErrors',
  );
  // Playwright's contexts are private windows, which cannot install apps.
  const others = installabilityErrors.filter(
    ({ errorId }) => errorId !== 'in-incognito',
  );
  assert.deepEqual(others, []);
  await context.close();
});

test('it requests nothing from other hosts, and could not', async () => {
  const { page, context, hosts, problems } = await open(
    browser,
    server.address,
  );
  await modelReady(page);
  await stored(page);
  await startCamera(page);
  await showPicture(page, PICTURE);
  assert.deepEqual([...hosts], [new URL(server.address).host]);
  assert.deepEqual(problems, []);
  const ways = await page.evaluate(async () => {
    const image = new Promise((resolve) => {
      const element = new Image();
      element.onload = () => resolve('loaded');
      element.onerror = () => resolve('refused');
      element.src = 'http://127.0.0.1:9/x.png';
    });
    const script = document.createElement('script');
    script.textContent = 'window.inline = true';
    document.body.append(script);
    const fetched = fetch('http://127.0.0.1:9/').then(
      () => 'loaded',
      () => 'refused',
    );
    return [await fetched, await image, window.inline ?? 'refused'];
  });
  assert.deepEqual(ways, ['refused', 'refused', 'refused']);
  const blocked = problems.filter((x) => x.includes('Content Security Policy'));
  assert(blocked.length >= 3, problems.join('\n'));
  await context.close();
});

for (const screen of Object.keys(SCREENS)) {
  test(`everything is within reach (${screen})`, async () => {
    const { page, context } = await open(browser, server.address, { screen });
    await modelReady(page);
    for (const isRunning of [false, true]) {
      if (isRunning) await startCamera(page);
      const { wide, small } = await page.evaluate(() => {
        const shown = (element) => element.checkVisibility();
        const controls = [...document.querySelectorAll('button')];
        const boxes = controls.filter(shown).map((element) => {
          const { left, right, width, height } =
            element.getBoundingClientRect();
          return { name: element.id, left, right, width, height };
        });
        return {
          wide:
            document.documentElement.scrollWidth > window.innerWidth ||
            boxes.some(
              ({ left, right }) => left < 0 || right > window.innerWidth,
            ),
          small: boxes.filter(
            ({ width, height }) => width < 44 || height < 44,
          ),
        };
      });
      assert.equal(wide, false);
      assert.deepEqual(small, []);
    }
    await context.close();
  });
}

/** The ids of what the Tab key stops at. */
async function reachable(page) {
  const ids = new Set();
  for (let i = 0; i < 20; i++) {
    await page.keyboard.press('Tab');
    ids.add(await page.evaluate(() => document.activeElement.id));
  }
  return ids;
}

test('the keyboard is enough', async () => {
  const { page, context } = await open(browser, server.address);
  await modelReady(page);
  const first = await reachable(page);
  const start = ['start-camera', 'start-picture'];
  for (const id of ['choose-model', 'open-options', ...start]) {
    assert(first.has(id), `${id} is not reached`);
  }
  await page.focus('#start-camera');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.kerasfg.latest);
  const running = await reachable(page);
  for (const id of ['zoom', 'pixels-button', 'gallery', 'freeze', 'share']) {
    assert(running.has(id), `${id} is not reached`);
  }
  await page.focus('#freeze');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.kerasfg.latest.isStill);
  await context.close();
});

for (const [camera, key] of [
  ['none', 'cameraMissing'],
  ['denied', 'cameraDenied'],
]) {
  test(`a camera that cannot be used is explained (${camera})`, async () => {
    const other = await launch({ camera });
    const { page } = await open(other, server.address);
    await modelReady(page);
    await page.click('#start-camera');
    assert.equal((await problem(page)).key, key);
    await page.click('#problem-close');
    await showPicture(page, PICTURE); // which works all the same
    const { number } = await result(page);
    await page.click('#freeze'); // back to the camera
    assert.equal((await problem(page)).key, key);
    await page.waitForFunction(
      (number) => window.kerasfg.latest?.number > number,
      number,
    );
    await other.close();
  });
}

test('a camera that opens late does not take away an answer', async () => {
  const { page, context } = await open(browser, server.address);
  await modelReady(page);
  await page.evaluate(() => {
    const devices = navigator.mediaDevices;
    const openCamera = devices.getUserMedia.bind(devices);
    const allowed = new Promise((resolve) => (window.allow = resolve));
    devices.getUserMedia = async (wanted) => {
      await allowed; // as while the browser asks for the permission
      return openCamera(wanted);
    };
  });
  await page.click('#start-camera');
  await showPicture(page, PICTURE);
  const { number } = await result(page);
  await page.evaluate(() => window.allow());
  await page.waitForFunction(
    (number) => window.kerasfg.latest?.number > number,
    number,
  );
  assert.equal(await page.getAttribute('main', 'data-phase'), 'still');
  assert.equal(await page.isDisabled('#keep'), false);
  await context.close();
});

test('a file that is no picture is named as such', async () => {
  const { page, context } = await open(browser, server.address);
  await modelReady(page);
  await showPicture(page, PICTURE);
  const { number } = await result(page);
  const text = join(PREPARED, 'odd', 'text.tflite');
  await page.setInputFiles('#picture-file', text);
  assert.equal((await problem(page)).key, 'pictureBroken');
  // The picture before is there still, and so is what it is.
  await page.waitForFunction(
    (number) => window.kerasfg.latest?.number > number,
    number,
  );
  await context.close();
});

test('a new picture or camera clears the answer at once', async () => {
  const { page, context } = await open(browser, server.address);
  await modelReady(page);
  await showPicture(page, PICTURE);
  await page.evaluate(() => {
    window.answers = [];
    new MutationObserver(() => {
      window.answers.push(document.getElementById('answer').textContent);
    }).observe(document.getElementById('answer'), { childList: true });
  });
  await showPicture(page, PICTURE);
  await page.click('#freeze');
  await page.waitForFunction(() => window.kerasfg.latest?.isStill === false);
  const answers = await page.evaluate(() => window.answers);
  const cleared = answers.filter((text) => text === TEXTS.looking);
  assert.equal(answers[0], TEXTS.looking);
  assert.equal(cleared.length, 2, answers.join(', '));
  await context.close();
});

test('with cross-origin isolation it has threads, and the same answer', async () => {
  const isolated = await serve(join(PREPARED, 'app'), { threads: true });
  const answers = [];
  for (const { address } of [server, isolated]) {
    const { page, context } = await open(browser, address);
    await modelReady(page);
    await showPicture(page, PICTURE);
    const { raw } = await result(page);
    const isIsolated = await page.evaluate(() => window.crossOriginIsolated);
    assert.equal(isIsolated, address === isolated.address);
    answers.push(raw);
    await context.close();
  }
  await isolated.stop();
  const [one, several] = answers;
  one.forEach((p, i) => assert(Math.abs(p - several[i]) <= 1e-5));
});

test('what a first visit costs', async (t) => {
  const { milliseconds } = await readPrepared('picture.json');
  const began = performance.now();
  const { page, context } = await open(browser, server.address);
  await modelReady(page);
  await showPicture(page, PICTURE);
  const first = performance.now() - began;
  await stored(page);
  const bytes = await page.evaluate(async () => {
    let sum = 0;
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        sum += (await (await cache.match(request)).blob()).size;
      }
    }
    return sum;
  });
  t.diagnostic(
    `${(bytes / 1e6).toFixed(1)} MB are stored; the first result takes ` +
      `${(first / milliseconds).toFixed(1)} of the time of Python's`,
  );
  assert(bytes < 12e6, `${bytes} bytes`);
  await context.close();
});
