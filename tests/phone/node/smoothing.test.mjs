// Steady numbers on the screen.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { judge } from '../../../export/phone/kerasfg/answer/answer.js';
import { makeSession } from '../../../export/phone/model/session.js';
import {
  makeMedian,
  makeSmoother,
} from '../../../export/phone/model/smoothing.js';

test('the first vector is taken as it is', () => {
  assert.deepEqual([...makeSmoother().next([0.2, 0.8], 5000)], [0.2, 0.8]);
});

test('after the time constant 37 % of the old is left', () => {
  const smoother = makeSmoother(400);
  smoother.next([1, 0], 0);
  const [old] = smoother.next([0, 1], 400);
  assert.ok(Math.abs(old - Math.exp(-1)) < 1e-12);
});

test('the pace of the camera does not matter', () => {
  const [slow, fast] = [makeSmoother(), makeSmoother()];
  slow.next([1, 0], 0);
  fast.next([1, 0], 0);
  const expected = slow.next([0, 1], 300);
  let given;
  for (let now = 10; now <= 300; now += 10) given = fast.next([0, 1], now);
  assert.ok(Math.abs(given[0] - expected[0]) < 1e-12);
});

test('probabilities go on summing to one', () => {
  const smoother = makeSmoother();
  for (let i = 0; i < 50; i++) {
    const p = (i % 7) / 7;
    const mean = smoother.next([p, 1 - p], i * 33);
    assert.ok(Math.abs(mean[0] + mean[1] - 1) < 1e-12);
  }
});

test('a single frame does not turn the answer', () => {
  const smoother = makeSmoother();
  for (let i = 0; i < 30; i++) smoother.next([0.9, 0.1], i * 33);
  const [best, other] = smoother.next([0.1, 0.9], 30 * 33);
  assert.ok(best > other);
});

test('a new number of classes starts anew, and so does a reset', () => {
  const smoother = makeSmoother();
  smoother.next([1, 0], 0);
  assert.deepEqual([...smoother.next([0.2, 0.3, 0.5], 1)], [0.2, 0.3, 0.5]);
  smoother.reset();
  assert.deepEqual([...smoother.next([1, 0, 0], 2)], [1, 0, 0]);
});

test('time that goes back changes nothing', () => {
  const smoother = makeSmoother();
  smoother.next([1, 0], 100);
  assert.deepEqual([...smoother.next([0, 1], 50)], [1, 0]);
});

test('the median of the last numbers', () => {
  const median = makeMedian(3);
  assert.equal(median.value(), null);
  for (const value of [100, 1, 3, 2]) median.add(value);
  assert.equal(median.value(), 2);
  median.reset();
  assert.equal(median.value(), null);
});

test('the familiarity is as steady as the probabilities', async () => {
  const told = [0.9, 0.1];
  const labels = ['a', 'b'];
  const model = {
    examine: async () => ({
      probabilities: [0.5, 0.5],
      familiarity: told.shift() ?? null,
    }),
    judge: (found) => judge({ labels }, found),
    close() {},
  };
  const session = makeSession();
  await session.use(model);
  const options = { view: { zoom: 1 }, smooth: true };
  const next = (now, more) =>
    session.classify(() => 'picture', { ...options, now, ...more });
  assert.equal((await next(0)).familiarity, 0.9);
  const { familiarity, isKnown } = await next(200);
  const weight = 1 - Math.exp(-200 / 400);
  assert.ok(Math.abs(familiarity - (0.9 - 0.8 * weight)) < 1e-12);
  assert.equal(isKnown, familiarity >= 0.5);
  told.push(0.1);
  assert.equal((await next(300, { smooth: false })).isKnown, false);
  assert.equal((await next(400)).familiarity, null);
});
