// What the page knows of classes, and of pictures that it cannot show.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pictureProblem } from '../../../export/phone/camera/picture_problem.js';
import {
  matching,
  sortedLabels,
} from '../../../export/phone/classes/class_list.js';
import {
  factsOf,
  loadClasses,
  nameClasses,
  noteClasses,
} from '../../../export/phone/classes/known_classes.js';
import { Problem } from '../../../export/phone/kerasfg/problem.js';
import { className } from '../../../export/phone/ui/format_text.js';
import { setTexts } from '../../../export/phone/ui/texts.js';
import { TEXTS } from './english.mjs';

const CLASSES = {
  blue_jay: {
    example: 'examples/0.jpg',
    confused_with: ['jay'],
    names: { de: 'Blauhäher' },
  },
};

const serve = (text) => {
  globalThis.fetch = async () => new Response(text);
};

test('classes.json is read, and what it lacks is empty', async () => {
  serve(JSON.stringify({ classes: { ...CLASSES, jay: {} } }));
  const model = { labels: ['blue_jay', 'jay', 'constructor'] };
  noteClasses(model, await loadClasses('models/birds/'));
  assert.equal(factsOf(model, 'blue_jay').example, 'models/birds/examples/0.jpg');
  assert.deepEqual(factsOf(model, 'blue_jay').confusedWith, ['jay']);
  const nothing = { example: null, confusedWith: [], names: {} };
  assert.deepEqual(factsOf(model, 'jay'), nothing);
  assert.deepEqual(factsOf(model, 'constructor'), nothing);
  assert.deepEqual(factsOf({}, 'blue_jay'), nothing);

  setTexts('de', TEXTS);
  nameClasses(model);
  assert.equal(className('blue_jay'), 'Blauhäher');
  assert.equal(className('jay'), 'Jay');
  setTexts('fr', TEXTS);
  nameClasses(model);
  assert.equal(className('blue_jay'), 'Blue jay');
  setTexts('en', TEXTS);
});

test('what is of a wrong type in classes.json is left out', async () => {
  serve(
    `{"classes": {"jay": {"example": 7, "confused_with": "jay", "names":
    {"en": 5}}, "__proto__": {"confused_with": [1, null, "", "jay"],
    "names": {"en": "", "__proto__": "x"}}}}`,
  );
  const model = { labels: ['jay', '__proto__'] };
  noteClasses(model, await loadClasses('models/birds/'));
  assert.equal(factsOf(model, 'jay').example, null);
  assert.deepEqual(factsOf(model, 'jay').confusedWith, []);
  assert.deepEqual(factsOf(model, '__proto__').confusedWith, ['jay']);
  nameClasses(model);
  assert.equal(className('jay'), 'Jay');
  assert.equal(className('__proto__'), 'Proto');
});

test('a broken classes.json is as good as none', async () => {
  for (const text of ['', 'null', '{"classes": 3', '{}', '{"classes": null}']) {
    serve(text);
    assert.equal((await loadClasses('models/birds/')).size, 0, text);
  }
});

test('classes are sorted as people sort, and found without accents', () => {
  nameClasses(null);
  const labels = sortedLabels({
    labels: ['type_10', 'Äsche', 'zander', 'type_9', 'aal'],
  });
  assert.deepEqual(labels, ['aal', 'Äsche', 'type_9', 'type_10', 'zander']);
  assert.deepEqual(matching(labels, ' as'), ['Äsche']);
  assert.deepEqual(matching(labels, 'TYPE'), ['type_9', 'type_10']);
  assert.deepEqual(matching(labels, ''), labels);
});

test('a HEIC picture that was not decoded is named', async () => {
  const broken = new Problem('pictureBroken');
  const heic = new Blob(['\0\0\0\x18ftypheic\0\0\0\0']);
  assert.equal((await pictureProblem(broken, heic)).key, 'pictureHeic');
  for (const text of ['', 'ftypheic', '\0\0\0\x18ftypavif']) {
    assert.equal(await pictureProblem(broken, new Blob([text])), broken);
  }
  const other = new Problem('cameraBusy');
  assert.equal(await pictureProblem(other, heic), other);
});
