// The stored settings, and the text of a shared result.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import './english.mjs';
import { loadAbout } from '../../../export/phone/ui/about.js';
import { loadSettings } from '../../../export/phone/ui/settings.js';
import { resultText } from '../../../export/phone/share/result_text.js';
import { wordsOf } from '../../../export/phone/unsure/words.js';

let stored;
let room;

beforeEach(() => {
  stored = null;
  room = true;
  globalThis.location = { href: 'https://host/flowers/index.html' };
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

test('each app of a host has its own, and begins with those of before', () => {
  const all = { kerasfg: '{"side": "user"}' };
  globalThis.localStorage = {
    getItem: (key) => all[key] ?? null,
    setItem: (key, value) => (all[key] = value),
  };
  const settings = loadSettings();
  assert.equal(settings.get('side'), 'user');
  settings.set('model', 'app/flowers');
  globalThis.location = { href: 'https://host/birds/' };
  assert.equal(loadSettings().get('model'), null);
  globalThis.location = { href: 'https://host/flowers/' };
  assert.equal(loadSettings().get('model'), 'app/flowers');
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

test('a result that is of none of the classes has no percentages', () => {
  const text = resultText({ ...result, isSure: false, isKnown: false });
  assert.equal(text, 'None of these. Nearest: Lily valley (Flowers)');
});

test('a coarser name is shared with its own probability', () => {
  const coarser = { level: 'family', name: 'lilies', probability: 0.93 };
  assert.equal(
    resultText({ ...result, isSure: false, coarser }),
    'Lilies 93%. Lily valley 87%, Colts foot 6% (Flowers)',
  );
  const { state, title, hint } = wordsOf({ ...result, coarser });
  assert.deepEqual([state, title], ['coarser', 'Lilies']);
  assert.equal(hint, 'Only the family is sure. Perhaps Lily valley.');
});

test('the hint says what would help', () => {
  const set = result.top;
  const unsure = { ...result, model: { imageSize: 32 }, zoom: 1 };
  const hint = (more) => wordsOf({ ...unsure, ...more }).hint;
  const [large, small] = [33, 32];
  const perhaps = 'Perhaps Lily valley.';
  assert.equal(hint({ side: large }), `${perhaps} Come closer, or zoom in.`);
  const closer = `${perhaps} Come closer, or fill the frame.`;
  assert.equal(hint({ side: small }), closer);
  assert.equal(hint({ side: large, zoom: 8 }), closer);
  const still = { isStill: true };
  assert.equal(hint({ side: large, ...still }), `${perhaps} Zoom in on it.`);
  assert.equal(hint({ side: small, ...still }), perhaps);
  assert.equal(hint(still), perhaps);
  const two = 'Perhaps Lily valley or Colts foot.';
  assert.equal(hint({ ...still, set }), two);
  assert.equal(hint({ ...still, set: [...set, set[0]] }), perhaps);
});
