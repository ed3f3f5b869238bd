// Runs the jobs of ../programs/job.py in MediaPipe for the web, in Chromium:
//
//     node classify.mjs jobs.json answers.json
//
// The folder node_modules of package.json is named by KERASFG_CLIENTS_MODULES.

import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';

const MODULES = process.env.KERASFG_CLIENTS_MODULES;
const { chromium } = createRequire(join(MODULES, 'any'))('playwright-core');
const LIBRARY = join(MODULES, '@mediapipe', 'tasks-vision');
const HERE = new URL('.', import.meta.url).pathname;
const TYPES = {
  '.html': 'text/html',
  '.mjs': 'text/javascript',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

const [, , jobsFile, answersFile] = process.argv;
const jobs = JSON.parse(await readFile(jobsFile, 'utf8'));

// The page, the library, the models and the pictures, and nothing else.
const served = new Map([['/', join(HERE, 'page.html')]]);
jobs.forEach(({ file, pictures }, job) => {
  served.set(`/models/${job}`, file);
  pictures.forEach((path, i) => served.set(`/pictures/${job}/${i}`, path));
});
const server = createServer(({ url }, response) => {
  const own = served.get(url);
  const file = own ?? join(LIBRARY, url);
  if (url.includes('..') || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  const type = TYPES[extname(file)] ?? 'application/octet-stream';
  response.writeHead(200, { 'Content-Type': type });
  createReadStream(file).pipe(response);
});
await new Promise((started) => server.listen(0, '127.0.0.1', started));

const browser = await chromium.launch({
  executablePath: execFileSync('which', ['chromium']).toString().trim(),
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000); // other tests may run at the same time
  page.on('pageerror', (error) => console.error(String(error)));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => document.title === 'ready');
  const answers = [];
  for (const [job, { pictures, region }] of jobs.entries()) {
    const rows = [];
    for (const i of pictures.keys()) {
      const asked = [`/models/${job}`, `/pictures/${job}/${i}`];
      rows.push(
        await page.evaluate(
          ([model, picture, square]) =>
            window.classify(model, picture, square),
          [...asked, region === 'square'],
        ),
      );
    }
    answers.push(rows);
  }
  await writeFile(answersFile, JSON.stringify(answers));
} finally {
  await browser.close();
  server.close();
}
