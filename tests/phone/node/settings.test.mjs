// The stored settings, and the text of a shared result.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import './english.mjs';
import { loadAbout } from '../../../export/phone/ui/about.js';
import { loadSettings } from '../../../export/phone/ui/settings.js';
import { resultText } from '../../../export/phone/share/result_text.js';

let stored;
let room;

beforeEach(() => {
  stored = null;
  room = true;
  globalThis.localStorage = {
    getItem: () => stored,
    setItem: (key, value) => {
      if (!room) throw new Error('QuotaExceededError');
      stored = value;
    },
  };
});

test('settings outlive the page', () => {
  loadSettings().set('side', 'user');
  assert.equal(loadSettings().get('side'), 'user');
  assert.equal(loadSettings().get('smooth'), true);
});

test('without room they last until the page is closed', () => {
  room = false;
  const settings = loadSettings();
  settings.set('smooth', false);
  assert.equal(settings.get('smooth'), false);
  assert.equal(loadSettings().get('smooth'), true);
});

test('a stored text of another kind is ignored', () => {
  for (const text of ['{', 'null', '[1]', '{"smoth": false}']) {
    stored = text;
    assert.equal(loadSettings().get('smooth'), true);
  }
});

globalThis.fetch = async () => new Response('{"title": "Flowers"}');
await loadAbout();
const result = {
  top: [
    { label: 'lily_valley', probability: 0.871 },
    { label: 'colts_foot', probability: 0.06 },
  ],
};

test('a result in one line', () => {
  assert.equal(
    resultText({ ...result, isSure: true }),
    'Lily valley 87%, Colts foot 6% (Flowers)',
  );
});

test('a result that is not sure says so', () => {
  assert.equal(
    resultText({ ...result, isSure: false }),
    'Not sure. Lily valley 87%, Colts foot 6% (Flowers)',
  );
});
