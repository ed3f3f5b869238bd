// What was kept: what it is called, which is to be checked, what may be a name.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  cleanName,
  inOrder,
  labelOf,
  matching,
  namesFor,
  needsCheck,
  spelling,
} from '../../../export/phone/found/rules.js';

const entry = (time, isSure, more) => ({
  ...{ time, isSure, isChecked: false, corrected: null, label: 'daisy' },
  ...{ top: [{ label: 'daisy' }, { label: 'iris' }], ...more },
});

test('those to check come first, and the newest of them', () => {
  const [a, b, c] = [entry(1, true), entry(2, false), entry(3, true)];
  const d = entry(4, false, { isChecked: true });
  assert.deepEqual(inOrder([a, b, c, d]), [b, d, c, a]);
  assert.deepEqual([a, b, c, d].map(needsCheck), [false, true, false, false]);
});

test('the name is what the user says', () => {
  assert.equal(labelOf(entry(1, true)), 'daisy');
  assert.equal(labelOf(entry(1, true, { corrected: 'iris' })), 'iris');
});

test('a name is one line of at most a hundred characters', () => {
  assert.equal(cleanName('  ox\teye \u2028 daisy\u0000 '), 'ox eye daisy');
  assert.equal(cleanName(' \n'), '');
  assert.equal(cleanName('a\u0308'), 'ä');
  assert.equal(Array.from(cleanName('🌼'.repeat(300))).length, 100);
});

test('names that people take for the same', () => {
  assert.equal(spelling('Lily  Valley'), spelling('lily_valley'));
  assert.notEqual(spelling('lily'), spelling('lilyvalley'));
});

test('the first answers, then own names, then all others, each once', () => {
  const given = [entry(1, true, { corrected: 'rose' }), entry(2, true)];
  const names = namesFor(entry(3, false), given, ['aster', 'daisy', 'iris']);
  assert.deepEqual(names, ['daisy', 'iris', 'rose', 'aster']);
});

test('a search finds parts of names, those that begin so first', () => {
  const names = ['primrose', 'rose', 'dog_rose', 'aster'];
  assert.deepEqual(matching(names, 'Rose'), ['rose', 'primrose', 'dog_rose']);
  assert.deepEqual(matching(names, 'dog rose'), ['dog_rose']);
  assert.deepEqual(matching(names, ''), names);
});
