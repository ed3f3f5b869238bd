// Opens every page of the built site on a phone's screen and on a desk's, in
// light and dark, and prints what is wrong, a line each:
//
//     KERASFG_NODE_MODULES=... node tests/docs/site.mjs SITE [PICTURES [PAGE ...]]
//
// Wrong are requests to other hosts, errors in the console, pages that scroll
// sideways, and, on the phone's screen, what axe finds: in the dark, in which only
// colours differ, of contrasts alone, on pages with kinds of elements that no page
// before had.

import { createServer } from 'node:http';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';

const [site, pictures, ...wanted] = process.argv.slice(2);
const require = createRequire(join(process.env.KERASFG_NODE_MODULES, 'any'));
const { chromium } = require('playwright-core');
const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
const TYPES = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};
const SCREENS = {
  phone: { viewport: { width: 360, height: 740 }, colorScheme: 'light' },
  dark: { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
  desk: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
};
const AXE = { phone: {}, dark: { runOnly: ['color-contrast'] } };

async function serve() {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
    try {
      const name = path.endsWith('/') ? `${path}index.html` : path;
      const content = await readFile(join(site, name));
      const type = TYPES[extname(name)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const server = await serve();
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({
  executablePath: process.env.KERASFG_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
if (pictures) await mkdir(pictures, { recursive: true });
const names = (await readdir(site, { recursive: true }))
  .filter((name) => name.endsWith('.html') && !name.endsWith('404.html'))
  .sort();
const chosen = wanted.length ? wanted : names;
const problems = new Set();
const seen = new Set();

for (const [screen, options] of Object.entries(SCREENS)) {
  const context = await browser.newContext(options);
  for (const name of chosen) await look(context, screen, name);
  await context.close();
}
await browser.close();
server.close();
console.log(`${chosen.length} pages, ${problems.size} problems`);
process.exitCode = problems.size ? 1 : 0;

async function look(context, screen, name) {
  const page = await context.newPage();
  const wrong = (text) => {
    const problem = `${name} (${screen}): ${text}`;
    if (!problems.has(problem)) console.log(problem);
    problems.add(problem);
  };
  page.on('request', (request) => {
    const isOurs = /^(data|blob):/.test(request.url());
    if (!isOurs && !request.url().startsWith(origin)) wrong(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') wrong(message.text());
  });
  page.on('pageerror', (error) => wrong(error.message));
  await page.goto(`${origin}/${name}`, { waitUntil: 'load' });
  for (const text of await page.evaluate(tooWide)) wrong(text);
  if (screen === 'phone' || (screen === 'dark' && (await addsKinds(page)))) {
    await check(page, wrong, AXE[screen]);
  }
  if (pictures) {
    const file = `${name.replaceAll('/', '_').replace('.html', '')}_${screen}.png`;
    await page.screenshot({ path: join(pictures, file), fullPage: true });
  }
  await page.close();
}

async function check(page, wrong, options) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(
    (options) => window.axe.run(options),
    { resultTypes: ['violations'], ...options },
  );
  for (const { id, nodes } of violations) {
    wrong(`axe ${id}: ${nodes[0].html.slice(0, 120)} (${nodes.length})`);
  }
}

/** Whether a page has elements of a tag and classes that none before had. */
async function addsKinds(page) {
  const kinds = await page.evaluate(() =>
    [...document.body.querySelectorAll('*')].map(
      (element) => `${element.localName} ${element.getAttribute('class')}`,
    ),
  );
  const count = seen.size;
  for (const kind of kinds) seen.add(kind);
  return seen.size > count;
}

/** Runs in the page: whether it scrolls sideways, and because of what. */
function tooWide() {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll('article *')].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.right > width + 1 && !element.closest('pre, .md-typeset__scrollwrap');
  });
  const first = wide[0];
  return [`scrolls sideways: ${first?.outerHTML.slice(0, 100)}`];
}
