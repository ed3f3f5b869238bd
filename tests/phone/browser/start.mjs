// Starts what the browser tests need: a server, Chromium with a phone's screen
// and a camera that shows a film, and the app in it.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Folder that prepare.py wrote. */
export const PREPARED = environment('KERASFG_PREPARED');
const MODULES = environment('KERASFG_NODE_MODULES');
const require = createRequire(join(MODULES, 'any'));
const { chromium } = require('playwright-core');
export const AXE = require.resolve('axe-core/axe.min.js');
export const TEXTS = await readPrepared('app/languages/en.json');

export const SCREENS = {
  large: { width: 412, height: 915 },
  small: { width: 360, height: 640 },
  landscape: { width: 915, height: 412 },
};

export async function readPrepared(name) {
  return JSON.parse(await readFile(join(PREPARED, name), 'utf8'));
}

/** Bytes of a file as text that can be handed to a page. */
export async function base64(path) {
  return (await readFile(path)).toString('base64');
}

/**
 * Serves a folder on this machine.
 *
 * @param {string} folder
 * @param {{port?: number, threads?: boolean}} options
 * @returns {Promise<{address: string, port: number, stop: Function}>}
 */
export async function serve(folder, { port = 0, threads = false } = {}) {
  const script = new URL('../serve.py', import.meta.url).pathname;
  const options = threads ? ['threads'] : [];
  const server = spawn(
    process.env.KERASFG_PYTHON ?? 'python3',
    ['-P', script, folder, String(port), ...options],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = createInterface(server.stdout);
  const [address] = await Promise.race([
    once(lines, 'line'),
    once(server, 'exit').then(() => {
      throw new Error(`The server for ${folder} has ended.`);
    }),
  ]);
  return {
    address,
    port: Number(new URL(address).port),
    async stop() {
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
    },
  };
}

/**
 * Starts Chromium.
 *
 * @param {{camera?: "film"|"none"|"denied", film?: string}} options
 */
export function launch({ camera = 'film', film } = {}) {
  const file = film ?? join(PREPARED, 'film.y4m');
  const args = {
    film: [
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${file}`,
    ],
    denied: [
      '--use-fake-device-for-media-stream',
      '--deny-permission-prompts',
    ],
    none: ['--use-fake-ui-for-media-stream'],
  };
  return chromium.launch({
    executablePath: execFileSync('which', ['chromium']).toString().trim(),
    args: args[camera],
  });
}

/**
 * Opens the app like a phone does.
 *
 * @returns {Promise<{page, context, problems: string[], hosts: Set<string>}>}
 *   `problems`: errors in the console and in scripts; `hosts`: the hosts of
 *   all requests
 */
export async function open(browser, address, options = {}) {
  const { screen = 'large', ...more } = options;
  const context = await browser.newContext({
    viewport: SCREENS[screen],
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
    ...more,
  });
  context.setDefaultTimeout(60_000); // other tests may run at the same time
  const page = await context.newPage();
  const problems = [];
  const hosts = new Set();
  page.on('console', (message) => {
    // LiteRT logs its start as errors.
    const isLog = /^(INFO|WARNING): /.test(message.text());
    if (message.type() === 'error' && !isLog) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  context.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith('http')) hosts.add(host);
  });
  await page.goto(address);
  return { page, context, problems, hosts };
}

/** Waits until the model has passed its self-test. */
export function modelReady(page) {
  return waitForText(page, '#answer', TEXTS.waiting);
}

/** Waits until the app is stored on the device. */
export function stored(page, text = TEXTS.offlineReady) {
  return waitForText(page, '#offline', text);
}

export async function waitForText(page, selector, text) {
  await page.waitForFunction(
    ([where, wanted]) =>
      document.querySelector(where)?.textContent.trim() === wanted,
    [selector, text],
  );
}

/** Starts the camera and waits for the first result. */
export async function startCamera(page) {
  await page.waitForFunction(() => window.kerasfg); // its scripts have run
  await page.click('#start-camera');
  await page.waitForFunction(() => window.kerasfg.latest?.isStill === false);
}

/** Opens a picture from a file and waits for its result. */
export async function showPicture(page, file) {
  await page.waitForFunction(() => window.kerasfg);
  const before = await page.evaluate(() => window.kerasfg.latest?.number ?? 0);
  await page.setInputFiles('#picture-file', file);
  await page.waitForFunction(
    (number) => window.kerasfg.latest?.number > number,
    before,
  );
}

/** The latest result, and the names on the screen. */
export function result(page) {
  return page.evaluate(() => ({
    ...window.kerasfg.latest,
    answer: document.getElementById('answer').textContent.trim(),
    top: Array.from(
      document.querySelectorAll('#top > li:not([hidden]) > .name'),
      (name) => name.textContent,
    ),
  }));
}

/** The problem on the screen: its key in languages/ and its text. */
export async function problem(page) {
  await page.waitForSelector('#problem:not([hidden])');
  return page.evaluate(() => ({
    key: document.getElementById('problem').dataset.problem,
    text: document.getElementById('problem-text').textContent,
  }));
}

export const best = (row) => row.indexOf(Math.max(...row));

function environment(name) {
  if (!process.env[name]) throw new Error(`${name} is not set: see prepare.py`);
  return process.env[name];
}
