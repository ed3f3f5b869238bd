// Each language says everything, with the same gaps.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import {
  countText,
  duration,
  listOf,
  metresText,
  percentText,
} from '../../../export/phone/ui/format_text.js';
import {
  currentLanguage,
  loadTexts,
  rawText,
  setTexts,
} from '../../../export/phone/ui/texts.js';
import { TEXTS } from './english.mjs';

const FOLDER = new URL('../../../export/phone/languages/', import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
const OTHERS = readdirSync(FOLDER).filter((name) => name !== 'en.json');
const gaps = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

test('there are German and French', () => {
  assert.ok(OTHERS.includes('de.json') && OTHERS.includes('fr.json'));
});

for (const name of OTHERS) {
  const texts = read(name);

  test(`${name} has exactly the keys of English, in its order`, () => {
    assert.deepEqual(Object.keys(texts), Object.keys(TEXTS));
  });

  test(`${name} has the gaps of English, and no text of it`, () => {
    let same = 0;
    for (const [key, text] of Object.entries(texts)) {
      assert.deepEqual(gaps(text), gaps(TEXTS[key]), key);
      assert.equal(text, text.trim(), key);
      if (text === TEXTS[key] && text.length > 12) same += 1;
    }
    assert.ok(same <= 4, `${same} texts are English`);
  });
}

test('the language is that which was chosen, or the browser prefers', async () => {
  const asked = [];
  globalThis.fetch = async (path) => {
    asked.push(path);
    return { json: async () => read(path.split('/')[1]) };
  };
  const known = ['de', 'en', 'fr'];
  await loadTexts(known, null, ['pt-BR', 'fr-CH', 'de']);
  assert.equal(currentLanguage(), 'fr');
  assert.equal(rawText('close'), 'Fermer');
  await loadTexts(known, 'de', ['fr']);
  assert.equal(rawText('close'), 'Schließen');
  await loadTexts(known, 'it', ['pt']); // of an app that had it once
  assert.equal(currentLanguage(), 'en');
  assert.deepEqual(new Set(asked), new Set(known.map((x) => `languages/${x}.json`)));
  setTexts('en', TEXTS);
});

test('numbers and lists are those of the language', () => {
  assert.equal(percentText(0.876), '88%');
  assert.equal(countText(10000), '10,000');
  assert.equal(listOf(['a', 'b', 'c']), 'a, b, and c');
  const metres = [13.6, 9.96, 0.9949, 0.254].map(metresText);
  assert.deepEqual(metres, ['14 m', '10 m', '0.99 m', '0.25 m']);
  setTexts('de', read('de.json'));
  assert.equal(percentText(0.876), '88\u00a0%');
  assert.equal(duration(3.14), '3,1 ms');
  assert.equal(metresText(3.04), '3,0 m');
  assert.equal(listOf(['a', 'b', 'c']), 'a, b und c');
  setTexts('en', TEXTS);
});
