// Takes screenshots of the app with the model of the field guide, to be checked
// by eye, and readme.png, which is docs/phone.png:
//
//     python tests/phone/prepare.py FOLDER
//     KERASFG_PREPARED=FOLDER KERASFG_NODE_MODULES=... \
//         node tests/phone/screenshots.mjs OUT

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import {
  base64,
  launch,
  modelReady,
  open,
  PREPARED,
  problem,
  serve,
  showPicture,
  startCamera,
} from './browser/start.mjs';

const out = process.argv[2];
if (!out) throw new Error('Name the folder for the pictures.');
await mkdir(out, { recursive: true });
const browser = await launch();
const server = await serve(join(PREPARED, 'app'));

/** Opens the app, does something in it, and takes a picture. */
async function shoot(name, options, act) {
  const { page, context } = await open(browser, server.address, options);
  await modelReady(page);
  await act(page);
  await page.waitForTimeout(800); // until animations are over
  await page.screenshot({ path: join(out, `${name}.png`) });
  await context.close();
  console.log(join(out, `${name}.png`));
}

const nothing = async () => {};

/** Waits for a result that is sure, or not, and freezes it. */
const until = (wanted) => async (page) => {
  const isOn = await page.isVisible('#freeze');
  await (isOn ? page.click('#freeze') : startCamera(page));
  await page.waitForFunction(
    (wanted) => window.kerasfg.latest?.isSure === wanted,
    wanted,
  );
  await page.click('#freeze');
  await page.waitForFunction(() => window.kerasfg.latest?.isStill);
};

await shoot('start', {}, nothing);
await shoot('result', {}, until(true));
await shoot('not-sure', {}, (page) =>
  showPicture(page, join(PREPARED, 'blurred.png')),
);
await shoot('error', {}, async (page) => {
  const file = join(PREPARED, 'odd', 'wrong_answer.tflite');
  await page.setInputFiles('#model-file', file);
  await problem(page);
});
await shoot('landscape', { screen: 'landscape' }, until(true));
await shoot('small', { screen: 'small' }, until(true));
await shoot('dark', { colorScheme: 'dark' }, until(true));
await shoot('options', {}, async (page) => page.click('#open-options'));
// Its middle is cut out, so that a part of the bird is missing.
const ask = (page) => showPicture(page, join(PREPARED, 'wide.png'));
const keep = async (page) => {
  await page.click('#keep');
  await page.waitForSelector('#toast.on');
};
await shoot('question', {}, ask);
await shoot('found', {}, async (page) => {
  await ask(page);
  await keep(page);
  for (let i = 0; i < 4; i++) {
    const seen = await page.textContent('#answer');
    await page.click('#freeze'); // the camera goes on
    await page.waitForFunction(
      (seen) =>
        window.kerasfg.latest?.isSure &&
        document.getElementById('answer').textContent !== seen,
      seen,
    );
    await page.waitForTimeout(300); // the film shows each bird for a second
    await page.click('#freeze');
    await page.waitForFunction(() => window.kerasfg.latest?.isStill);
    await keep(page);
  }
  await page.click('#open-found');
});

/** Puts pictures side by side. */
async function sideBySide(names) {
  const page = await browser.newPage();
  const images = await Promise.all(
    names.map(async (name) => {
      const data = await base64(join(out, `${name}.png`));
      return `<img src="data:image/png;base64,${data}">`;
    }),
  );
  await page.setContent(
    `<!doctype html><style>
      body { margin: 0; display: flex; gap: 24px; width: max-content;
        align-items: start }
      img { width: 412px; border-radius: 24px }</style>${images.join('')}`,
  );
  const options = { path: join(out, 'readme.png'), omitBackground: true };
  await page.locator('body').screenshot(options);
}
await sideBySide(['result', 'question', 'found']);
await browser.close();
await server.stop();
