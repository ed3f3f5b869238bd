// Every text of the page exists and is used, and texts are formatted well.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import {
  attributeTexts,
  className,
  duration,
  percent,
  problemText,
  setClassNames,
  textFor,
  toTitle,
  toWords,
} from '../../../export/phone/ui/format_text.js';
import { Problem } from '../../../export/phone/kerasfg/problem.js';
import { MESSAGES } from '../../../export/phone/kerasfg/messages.js';
import { TEXTS } from './english.mjs';

const PAGE = new URL('../../../export/phone/', import.meta.url);
const FOLDERS = [
  ...['./', 'camera/', 'classes/', 'found/', 'frame/', 'inference/', 'model/'],
  ...['share/', 'start/', 'ui/', 'unsure/', 'worker/'],
];
const read = (name) => readFileSync(new URL(name, PAGE), 'utf8');
const HTML = read('index.html');
const codeOf = (folders) =>
  folders
    .flatMap((folder) =>
      readdirSync(new URL(folder, PAGE)).map((name) => folder + name),
    )
    .filter((name) => /(?<!messages)\.js$/.test(name))
    .map(read)
    .join('\n');
const CODE = codeOf(FOLDERS);
const LIBRARY = codeOf(['kerasfg/', 'kerasfg/loading/', 'kerasfg/pixels/']);

test('every text that the page asks for exists', () => {
  const asked = HTML.matchAll(/data-(?:text|label)="(\w+)"/g);
  const used = CODE.matchAll(
    /(?:textFor|Problem|toast|finish)\(\s*'(\w+)'|(?:key|\w+Error): '(\w+)'/g,
  );
  for (const [, a, b] of [...asked, ...used]) {
    assert.ok(Object.hasOwn(TEXTS, a ?? b), a ?? b);
  }
});

test('every text is used', () => {
  for (const key of Object.keys(TEXTS)) {
    const isKind = /^\w+Title$/.test(key); // textFor(`${kind}Title`)
    const used = HTML.includes(`"${key}"`) || CODE.includes(`'${key}'`);
    assert.ok(used || isKind || Object.hasOwn(MESSAGES, key), key);
  }
});

test("every message of the library's errors is used, and exists", () => {
  for (const key of Object.keys(MESSAGES)) {
    assert.ok(LIBRARY.includes(`'${key}'`), key);
  }
  const used = LIBRARY.matchAll(
    /(?:Problem|check)\([^;]*?'(\w+)'(?:, \{|\))/g,
  );
  for (const [, key] of used) assert.ok(Object.hasOwn(MESSAGES, key), key);
});

test('a problem that the page has no text for is told by its message', () => {
  const { key, values, message } = new Problem('notAPicture', { kind: 'Text' });
  const text = problemText({ key, values, message });
  assert.match(text, /^Something went wrong: .* Received: Text$/);
  assert.equal(problemText(new Problem('modelBroken')), TEXTS.modelBroken);
});

test('the page itself holds no text but for a browser without scripts', () => {
  const body = HTML.slice(HTML.indexOf('<body>'))
    .replace(/<noscript>.*<\/noscript>/s, '')
    .replace(/<!--.*?-->/gs, '')
    .replace(/<[^>]*>/g, '');
  assert.equal(body.trim(), '');
});

test('gaps are filled, also by what looks like a pattern', () => {
  assert.equal(
    textFor('announceSure', { name: '$& {percent}', percent: 7 }),
    '$& {percent}, 7 percent',
  );
});

test('attributes that a class lacks are left out', () => {
  const row = { wing_bar: 'yes', bill: 'long', crest: 'no' };
  assert.deepEqual(attributeTexts(row), ['wing bar', 'bill: long']);
  assert.deepEqual(attributeTexts({}), []);
});

test('an unknown text is refused', () => {
  assert.throws(() => textFor('toString'), /No text toString/);
});

test('names of classes as people write them', () => {
  assert.equal(toTitle('lily_valley'), 'Lily valley');
  assert.equal(toWords('colts_foot'), 'colts foot');
  assert.equal(toTitle('ägyptische_iris'), 'Ägyptische iris');
  assert.equal(toWords('_'), '_');
});

test('a class has its name in the language of the page, if there is one', () => {
  setClassNames({ lily_valley: 'Maiglöckchen' });
  assert.equal(className('lily_valley'), 'Maiglöckchen');
  assert.equal(className('colts_foot'), 'Colts foot');
  assert.equal(className('constructor'), 'Constructor');
  setClassNames({});
  assert.equal(className('lily_valley'), 'Lily valley');
});

test('numbers for people', () => {
  assert.equal(percent(0.876), 88);
  assert.equal(duration(3.14), '3.1 ms');
  assert.equal(duration(31.4), '31 ms');
});
