// One picture after the other with one model: the self-test comes again.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { makeSession } from '../../../export/phone/model/session.js';

const PICTURE = {};
const VIEW = { zoom: 1, x: 0.5, y: 0.5 };
const OPTIONS = { view: VIEW, smooth: false, now: 0 };

class FakeModel {
  labels = ['a', 'b'];
  tests = 0;
  parts = [];
  async examine(_, { part }) {
    this.parts.push(part);
    const probabilities = [0.25, 0.75];
    const found = { part: null, pixels: [], familiarity: null };
    return { ...found, raw: probabilities, probabilities };
  }
  async test() {
    this.tests += 1;
    if (this.isWrong) throw Object.assign(new Error(), { key: 'selfTestFailed' });
  }
  judge({ probabilities: [a, b] }) {
    const top = [
      { label: 'b', probability: b },
      { label: 'a', probability: a },
    ];
    return { top, isSure: true };
  }
  async close() {}
}

async function sessionWith(model) {
  const session = makeSession();
  await session.use(model);
  const classify = (times) =>
    Promise.all(
      Array.from({ length: times }, () =>
        session.classify(() => PICTURE, OPTIONS),
      ),
    );
  return { session, classify };
}

test('the self-test is repeated early, then now and then', async () => {
  const model = new FakeModel();
  const { classify } = await sessionWith(model);
  await classify(29);
  assert.equal(model.tests, 0);
  const [result] = await classify(1);
  assert.equal(model.tests, 1);
  assert.equal(result.top[0].label, 'b');
  await classify(999);
  assert.equal(model.tests, 1);
  await classify(1);
  assert.equal(model.tests, 2);
});

test('a model whose worker has ended makes room for another', async () => {
  const ended = new FakeModel();
  ended.close = async () => Promise.reject(new Error('the worker has ended'));
  const { session, classify } = await sessionWith(ended);
  const next = new FakeModel();
  await session.use(next);
  assert.equal((await classify(1))[0].model, next);
});

test('of a model that goes wrong later nothing is shown', async () => {
  const model = new FakeModel();
  const { session, classify } = await sessionWith(model);
  await classify(29);
  model.isWrong = true;
  await assert.rejects(classify(1), { key: 'selfTestFailed' });
  // The next model is tested after as many pictures.
  const next = new FakeModel();
  await session.use(next);
  await classify(29);
  assert.equal(next.tests, 0);
  await classify(1);
  assert.equal(next.tests, 1);
});

test('the part inside the frame comes only if it is wanted', async () => {
  const model = new FakeModel();
  const { session } = await sessionWith(model);
  await session.classify(() => PICTURE, { ...OPTIONS, part: true });
  await session.classify(() => PICTURE, OPTIONS);
  assert.deepEqual(model.parts, [true, false]);
});
