// Takes screenshots of the app with the model of the field guide, to be checked
// by eye:
//
//     python tests/phone/prepare.py FOLDER
//     KERASFG_PREPARED=FOLDER KERASFG_NODE_MODULES=... \
//         node tests/phone/screenshots.mjs OUT

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import {
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
  await startCamera(page);
  await page.waitForFunction(
    (wanted) => window.kerasfg.latest?.isSure === wanted,
    wanted,
  );
  await page.click('#freeze');
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
await browser.close();
await server.stop();
