// Arithmetic on a model's probabilities.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  applyTemperature,
  largestDifference,
  placeOfProbabilities,
  rank,
  sorted,
  tensorShape,
} from '../../../../export/phone/kerasfg/probabilities.js';

const LABELS = ['a', 'b', 'c', 'd'];

const assertNear = (actual, expected, tolerance = 1e-12) => {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(Math.abs(actual[i] - value) <= tolerance, `${actual}`);
  });
};

test('the tensor holds one picture', () => {
  assert.deepEqual(tensorShape(new Uint8Array(48), 4), [1, 4, 4, 3]);
});

test('the probabilities are found beside the familiarity', () => {
  const one = Int32Array.of(1, 1);
  assert.equal(placeOfProbabilities([[1, 4]]), 0);
  assert.equal(placeOfProbabilities([[1, 4], one]), 0);
  assert.equal(placeOfProbabilities([one, Int32Array.of(1, 4)]), 1);
  for (const shapes of [[], [one], [[1, 4], [1, 4]], [[1, 4], one, one]]) {
    assert.equal(placeOfProbabilities(shapes), -1);
  }
});

test('what a model gives is named', () => {
  const [shares, one] = [Float32Array.of(0.25, 0.75), Float32Array.of(0.5)];
  const both = { probabilities: shares, familiarity: 0.5 };
  assert.deepEqual(sorted([shares, one], 0), both);
  assert.deepEqual(sorted([one, shares], 1), both);
  const alone = { probabilities: shares, familiarity: null };
  assert.deepEqual(sorted([shares], 0), alone);
});

test('pixels of another size or kind are refused', () => {
  assert.throws(() => tensorShape(new Uint8Array(47), 4), /Received: 47/);
  assert.throws(() => tensorShape(new Float32Array(48), 4), RangeError);
});

test('temperature is p ** (1 / T), normalized', () => {
  assertNear(applyTemperature([0.8, 0.2], 2), [2 / 3, 1 / 3]);
  const [p, t] = [[0.7, 0.2, 0.1], 0.6];
  const powers = p.map((x) => x ** (1 / t));
  const total = powers.reduce((a, b) => a + b);
  assertNear(applyTemperature(p, t), powers.map((x) => x / total));
});

test('temperature 1, or none, changes nothing', () => {
  assertNear(applyTemperature([0.5, 0.3, 0.2], 1), [0.5, 0.3, 0.2]);
  assertNear(applyTemperature([0.5, 0.3, 0.2], null), [0.5, 0.3, 0.2], 0);
});

test('a probability of zero counts as the smallest normal float32', () => {
  const actual = applyTemperature([1, 0], 50);
  const low = (2 ** -126) ** (1 / 50);
  assertNear(actual, [1 / (1 + low), low / (1 + low)]);
});

test('temperature keeps the order', () => {
  const p = [0.1, 0.4, 0.05, 0.45];
  const order = (x) => rank(LABELS, x).map(({ label }) => label);
  for (const t of [0.05, 0.5, 3, 20]) {
    assert.deepEqual(order(applyTemperature(p, t)), order(p));
  }
});

test('the top classes come best first, ties in the order of classes', () => {
  assert.deepEqual(rank(LABELS, [0.1, 0.4, 0.1, 0.4], 3), [
    { label: 'b', probability: 0.4 },
    { label: 'd', probability: 0.4 },
    { label: 'a', probability: 0.1 },
  ]);
});

test('two classes give two answers', () => {
  assert.equal(rank(['a', 'b'], [0.3, 0.7], 3).length, 2);
});

test('the largest difference', () => {
  assert.equal(largestDifference([0.5, 0.5], [0.25, 0.75]), 0.25);
});

test('numbers that are not finite, or too few, never match', () => {
  assert.equal(largestDifference([NaN, 1], [0, 1]), Infinity);
  assert.equal(largestDifference([Infinity, 1], [0, 1]), Infinity);
  assert.equal(largestDifference([1], [0, 1]), Infinity);
  assert.equal(largestDifference([], []), Infinity);
});

test('a few of many classes are the first of all in their order', () => {
  const labels = Array.from({ length: 300 }, (_, i) => `bird ${i}`);
  const probabilities = labels.map((_, i) => ((i * 7919) % 23) / 23);
  const all = rank(labels, probabilities);
  for (const count of [0, 1, 3, 49]) {
    assert.deepEqual(rank(labels, probabilities, count), all.slice(0, count));
  }
});
