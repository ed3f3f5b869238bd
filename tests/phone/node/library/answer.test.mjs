// The page says of a picture what Python says. answer_vectors.json is written
// by tests/phone/answer_vectors.py.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import {
  isSureOf,
  judge,
} from '../../../../export/phone/kerasfg/answer/answer.js';
import { fittedOf } from '../../../../export/phone/kerasfg/answer/fitted.js';
import {
  bestQuestion,
  chances,
  expectedInformation,
  reweighted,
} from '../../../../export/phone/kerasfg/answer/question.js';
import {
  questionsOf,
  words,
} from '../../../../export/phone/kerasfg/answer/questions.js';

import { reachOf } from '../../../../export/phone/kerasfg/answer/reach.js';

const VECTORS = JSON.parse(
  readFileSync(new URL('answer_vectors.json', import.meta.url)),
);
const { labels } = VECTORS;
const FITTED = fittedOf(VECTORS, labels.length);

const assertNear = (actual, expected) => {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(Math.abs(actual[i] - value) <= 1e-12, `${actual[i]} ${value}`);
  });
};

test('what is said of pictures', () => {
  for (const picture of VECTORS.pictures) {
    const { said, coverage } = picture;
    const own = picture.own_thresholds ? {} : { classThresholds: null };
    const rules = { labels, threshold: VECTORS.threshold, ...FITTED, ...own };
    const { top, ...found } = judge(rules, picture, { coverage });
    assert.deepEqual(
      top.map(({ label, probability }) => [label, probability]),
      said.top,
    );
    assert.equal(found.isSure, said.sure);
    assert.equal(found.isKnown, said.known ?? true);
    assert.equal(found.familiarity, said.familiarity ?? null);
    const { probability, ...coarser } = found.coarser ?? {};
    const { probability: expected, ...name } = said.coarser ?? {};
    assert.deepEqual(coarser, name);
    assertNear([probability ?? 0], [expected ?? 0]);
    assert.deepEqual(
      found.set?.map(({ label }) => label),
      said.set?.map(([label]) => label),
    );
  }
});

test('what is said of a model that knows nothing of itself', () => {
  const { top, ...found } = judge({ labels: ['a', 'b'] }, {
    probabilities: [0.4, 0.6],
  });
  assert.deepEqual(top[0], { label: 'b', probability: 0.6 });
  assert.deepEqual(found, {
    isKnown: true,
    isSure: true,
    coarser: null,
    familiarity: null,
    set: null,
  });
  const nothing = judge({ labels: ['a'] }, { probabilities: [1] }, {
    coverage: 0.9,
  });
  assert.equal(nothing.set, null);
});

test('sure from the threshold of the class on', () => {
  const rules = { labels: ['a', 'b'], threshold: 0.6 };
  const is = (label, probability, more) =>
    isSureOf({ ...rules, ...more }, { label, probability });
  assert.equal(is('a', 0.6), true);
  assert.equal(is('a', 0.59), false);
  const classThresholds = [0.9, 0.1];
  assert.equal(is('a', 0.89, { classThresholds }), false);
  assert.equal(is('b', 0.1, { classThresholds }), true);
  assert.equal(isSureOf(rules, undefined), false);
});

test('a share that no set can promise is refused', () => {
  const rules = { labels: ['a'], predictionSets: FITTED.predictionSets };
  for (const coverage of [0.49, 0.991, NaN]) {
    assert.throws(
      () => judge(rules, { probabilities: [1] }, { coverage }),
      RangeError,
    );
  }
});

test('the questions, and what each answer is expected to tell', () => {
  const { found, pictures } = VECTORS.questions;
  const questions = questionsOf(VECTORS.attributes, labels);
  assert.deepEqual(
    questions,
    found.map(({ text, options, truth }) => ({ text, options, truth })),
  );
  const table = questions.map(({ truth }) => chances(truth));
  table.forEach((chance, i) =>
    chance.forEach((row, j) => assertNear(row, found[i].chances[j])),
  );
  for (const { probabilities, told, best, second, after } of pictures) {
    const information = table.map((chance) =>
      expectedInformation(probabilities, chance),
    );
    assertNear(information, told);
    assert.equal(bestQuestion(probabilities, table), best);
    assert.equal(bestQuestion(probabilities, table, [best]), second);
    [0, 1, null].forEach((answer, i) => {
      assertNear(reweighted(probabilities, table[best ?? 0], answer), after[i]);
    });
  }
});

test('an answer that contradicts every class changes nothing', () => {
  const chance = chances([[1, 0], [1, 0]], 0);
  assertNear(reweighted([0.3, 0.7], chance, 1), [0.3, 0.7]);
});

test('nothing is asked where no answer tells anything', () => {
  const chance = chances([[1, 0], [0, 1]]);
  assert.equal(bestQuestion([1, 0], [chance]), null);
  assert.equal(bestQuestion([0.5, 0.5], []), null);
  assert.deepEqual(questionsOf({}, ['a', 'b']), []);
  const alike = { a: { red: 'yes' }, b: { red: 'yes' } };
  assert.deepEqual(questionsOf(alike, ['a', 'b']), []);
});

test('a table with too much to read asks nothing', () => {
  const range = (count) => Array.from({ length: count }, (_, i) => i);
  const of = (count) =>
    Object.fromEntries(range(count).map((i) => [`${i}`, { colour: `c${i}` }]));
  const ask = (count) => questionsOf(of(count), range(count).map(String));
  assert.equal(ask(15).length, 1);
  assert.equal(ask(16).length, 0);
  const row = (value) =>
    Object.fromEntries(range(1001).map((i) => [`a${i}`, value]));
  assert.deepEqual(questionsOf({ a: row('yes'), b: row('no') }, ['a', 'b']), []);
});

test('names from strangers are only names', () => {
  const table = JSON.parse('{"__proto__": {"x": "yes"}, "b": {"x": "no"}}');
  const [{ text, truth }] = questionsOf(table, ['__proto__', 'b', 'toString']);
  assert.equal(text, 'X?');
  assert.deepEqual(truth, [[1, 0], [0, 1], [0, 0]]);
  assert.equal(words('has_bill_shape'), 'bill shape');
  assert.equal(words('curved_(up_or_down)'), 'curved (up or down)');
});

test('how far away the names are right', () => {
  const read = (manifest) => fittedOf({ image_size: 32, ...manifest }, 2);
  for (const { distance, right, zoom, reach } of VECTORS.distances) {
    const found = reachOf(read({ distance }).distance, right, zoom);
    assert.equal(found?.isLimit, reach?.is_limit);
    const expected = reach?.distance ?? 0;
    const off = Math.abs((found?.metres ?? 0) - expected);
    assert.ok(off <= 1e-12 * expected, `${found?.metres} ${expected}`);
  }
  const [{ distance }] = VECTORS.distances;
  const card = read({ distance }).distance;
  for (const [right, zoom] of [[0, 1], [1, 1], [NaN, 1], [0.8, 0.5]]) {
    assert.throws(() => reachOf(card, right, zoom), RangeError);
  }
});

const GOOD = {
  image_size: 32,
  outputs: ['probabilities', 'familiarity'],
  class_thresholds: { precision: 0.9, thresholds: [0, 1] },
  levels: [{ name: 'genus', of_class: ['a', 'a'], threshold: 0.5 }],
  prediction_sets: { pictures: 3, lowest: Array(50).fill(0.5) },
  distance: {
    object_size: 0.1,
    fov: 66,
    sensor_pixels: 4000,
    curve: [
      { resolution: 8, top_1: 0.5, top_1_interval: [0.4, 0.6] },
      { resolution: 32, top_1: 0.9, top_1_interval: [0.8, 1] },
    ],
  },
};

test('what was fitted is read, or is missing', () => {
  const found = fittedOf(GOOD, 2);
  assert.equal(found.givesFamiliarity, true);
  assert.deepEqual(found.classThresholds, [0, 1]);
  assert.deepEqual(found.levels, [
    { name: 'genus', ofClass: ['a', 'a'], threshold: 0.5 },
  ]);
  assert.deepEqual(found.distance, {
    objectSize: 0.1,
    fov: 66,
    sensorPixels: 4000,
    imageSize: 32,
    curve: [
      { resolution: 8, share: 0.5 },
      { resolution: 32, share: 0.9 },
    ],
  });
  assert.deepEqual(fittedOf({ levels: null }, 2), {
    givesFamiliarity: false,
    classThresholds: null,
    levels: [],
    predictionSets: null,
    distance: null,
  });
});

test('what was fitted to another model is refused', () => {
  const [level] = GOOD.levels;
  const { prediction_sets: sets, distance } = GOOD;
  const [point, last] = distance.curve;
  const rising = sets.lowest.with?.(49, 0.6) ?? [...sets.lowest.slice(1), 0.6];
  for (const changes of [
    { outputs: 'familiarity' },
    { outputs: [] },
    { outputs: ['familiarity', 'probabilities'] },
    { outputs: [...GOOD.outputs, 'more'] },
    { class_thresholds: 0.5 },
    { class_thresholds: { precision: 0.9, thresholds: [0.5] } },
    { class_thresholds: { precision: 0.9, thresholds: [0.5, 1.1] } },
    { class_thresholds: { precision: 0.9, thresholds: [0.5, '1'] } },
    { class_thresholds: { precision: 2, thresholds: [0, 1] } },
    { levels: [] },
    { levels: {} },
    { levels: [null] },
    { levels: Array(21).fill(level) },
    { levels: [{ ...level, name: '' }] },
    { levels: [{ ...level, of_class: ['a'] }] },
    { levels: [{ ...level, of_class: ['a', 3] }] },
    { levels: [{ ...level, threshold: -0.1 }] },
    { prediction_sets: [] },
    { prediction_sets: { ...sets, pictures: 0 } },
    { prediction_sets: { ...sets, lowest: sets.lowest.slice(1) } },
    { prediction_sets: { ...sets, lowest: rising } },
    { distance: 5 },
    { distance: { ...distance, object_size: 0 } },
    { distance: { ...distance, fov: 180 } },
    { distance: { ...distance, sensor_pixels: '4000' } },
    { distance: { ...distance, curve: [] } },
    { distance: { ...distance, curve: {} } },
    { distance: { ...distance, curve: [point, null] } },
    { distance: { ...distance, curve: [last, point] } },
    { distance: { ...distance, curve: [{ ...point, resolution: 33 }] } },
    { distance: { ...distance, curve: [{ ...point, top_1: 1.1 }] } },
  ]) {
    assert.throws(
      () => fittedOf({ ...GOOD, ...changes }, 2),
      { name: 'Problem', key: 'modelForeign' },
      JSON.stringify(changes),
    );
  }
});
