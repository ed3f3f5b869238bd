// The description inside a model file, and which files are refused.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  describe as describeModel,
} from '../../../../export/phone/kerasfg/description.js';
import { readMetadata } from '../../../../export/phone/kerasfg/metadata.js';
import { crc32, sha256 } from '../../../../export/phone/kerasfg/checksums.js';
import { readFiles } from '../../../../export/phone/kerasfg/zip.js';
import { archive, LABELS, manifest, modelFile } from './tflite_file.mjs';

const refused = (contents, key) =>
  assert.rejects(readMetadata(contents), { name: 'Problem', key });
const refusedManifest = (changes, key) =>
  refused(modelFile({ manifest: manifest(changes) }), key);

test('a model that `kerasfg export` made', async () => {
  const description = await readMetadata(modelFile());
  assert.deepEqual(description, {
    name: 'Flowers',
    imageSize: 2,
    crop: 'center',
    cropFraction: 1,
    labels: ['bluebell', 'Löwenzahn'],
    attributes: { bluebell: { colour: 'blue' } },
    temperature: 1.5,
    threshold: 0.6,
    givesFamiliarity: true,
    classThresholds: [0.6, 0.7],
    levels: [
      { name: 'family', ofClass: ['lily', 'daisy'], threshold: 0.5 },
    ],
    predictionSets: { pictures: 9, lowest: Array(50).fill(0.25) },
    distance: {
      objectSize: 0.12,
      fov: 66,
      sensorPixels: 4000,
      imageSize: 2,
      curve: [{ resolution: 1, share: 0.5 }],
    },
    selfTest: {
      image: Uint8Array.from(Array(12).keys()),
      probabilities: [0.25, 0.75],
      tolerance: 1e-3,
    },
  });
});

test('optional values may be missing', async () => {
  const changed = manifest({
    name: undefined,
    temperature: null,
    threshold: null,
    class_attributes: null,
    outputs: undefined,
    levels: undefined,
    class_thresholds: undefined,
    prediction_sets: undefined,
    distance: undefined,
  });
  const description = await readMetadata(modelFile({ manifest: changed }));
  const { labels, imageSize, crop, cropFraction, selfTest, ...optional } =
    description;
  assert.deepEqual(optional, {
    name: '',
    temperature: null,
    threshold: null,
    attributes: {},
    givesFamiliarity: false,
    classThresholds: null,
    levels: [],
    predictionSets: null,
    distance: null,
  });
});

test('a model that was trained on the middle of the square', async () => {
  const changed = manifest({ crop_fraction: 0.875 });
  const { cropFraction } = await readMetadata(modelFile({ manifest: changed }));
  assert.equal(cropFraction, 0.875);
});

test('a model that takes frames has the test picture enlarged', async () => {
  const changed = manifest({ takes: 'frame' });
  const model = await readMetadata(modelFile({ manifest: changed }));
  assert.equal(model.imageSize, 5);
  const { image } = model.selfTest;
  const reds = Array.from(image.filter((_, i) => i % 3 === 0));
  const [upper, lower] = [[0, 0, 0, 3, 3], [6, 6, 6, 9, 9]];
  assert.deepEqual(reds, [upper, upper, upper, lower, lower].flat());
  assert.deepEqual(Array.from(image.slice(9, 12)), [3, 4, 5]);
});

test('a model of the format before', async () => {
  const older = { format: 2, frame_size: undefined, takes: undefined };
  const changed = manifest(older);
  const { imageSize } = await readMetadata(modelFile({ manifest: changed }));
  assert.equal(imageSize, 2);
});

test('anything but a .tflite is refused', async () => {
  const text = new TextEncoder().encode('not a model at all');
  await refused(text, 'modelNotTflite');
  await refused(new Uint8Array(0), 'modelNotTflite');
  await refused(new Uint8Array(archive([['a', 'b']])), 'modelNotTflite');
});

test('a .tflite without what export adds is refused', async () => {
  const network = new TextEncoder().encode('\0\0\0\0TFL3 a network');
  await refused(network, 'modelForeign');
  await refused(modelFile({ files: { 'kerasfg.json': null } }), 'modelForeign');
  await refused(modelFile({ files: { 'model.sha256': null } }), 'modelForeign');
  await refused(modelFile({ files: { 'kerasfg.json': '[]' } }), 'modelForeign');
  await refused(modelFile({ files: { 'kerasfg.json': '{' } }), 'modelBroken');
});

test('missing or different labels are refused', async () => {
  await refused(modelFile({ files: { [LABELS]: null } }), 'modelNoLabels');
  const others = modelFile({ files: { [LABELS]: 'a\nb\n' } });
  await refused(others, 'modelLabelsDiffer');
  const latin = Buffer.from('bluebell\nL\xf6wenzahn\n', 'latin1');
  await refused(modelFile({ files: { [LABELS]: latin } }), 'modelBroken');
  await refusedManifest({ class_names: [] }, 'modelNoLabels');
  await refusedManifest({ class_names: ['a', ''] }, 'modelNoLabels');
});

test('each flipped bit is noticed', async () => {
  const whole = modelFile();
  const good = JSON.stringify(await readMetadata(whole));
  for (let i = 0; i < whole.length; i++) {
    for (const bit of [1, 128]) {
      const contents = whole.slice();
      contents[i] ^= bit;
      const given = await readMetadata(contents).then(
        (x) => JSON.stringify(x),
        (error) => error,
      );
      // Dates and versions of the archive say nothing of the model.
      if (given !== good) assert.equal(given?.name, 'Problem', `byte ${i}`);
    }
  }
  const contents = whole.slice();
  contents[12] ^= 1;
  await refused(contents, 'modelChanged');
});

test('each truncation is noticed', async () => {
  const whole = modelFile();
  for (let length = 0; length < whole.length; length++) {
    await assert.rejects(readMetadata(whole.slice(0, length)), {
      name: 'Problem',
    });
  }
});

test('a picture in a larger buffer is read from its own start', async () => {
  const file = modelFile();
  const larger = new Uint8Array(file.length + 7);
  larger.set(file, 7);
  const { name } = await readMetadata(larger.subarray(7));
  assert.equal(name, 'Flowers');
});

test('formats and preprocessing that the page does not know', async () => {
  await refusedManifest({ format: 1 }, 'modelFormat');
  for (const changes of [
    { image_size: 0 },
    { image_size: 2.5 },
    { image_size: 1e6 },
    { takes: 'frame', frame_size: null },
    { takes: 'frame', image_size: '2' },
    { crop: 'left' },
    { crop_fraction: 0 },
    { crop_fraction: 1.5 },
    { crop_fraction: '0.5' },
    { crop_fraction: [0.5] },
    { filter: 'area' },
  ]) {
    await refusedManifest(changes, 'modelPreprocessing');
  }
});

test('a self-test that cannot be passed or failed', async () => {
  const { self_test: good } = manifest();
  for (const part of [
    { image: undefined },
    { image: '***' },
    { image: good.image.slice(4) },
    { probabilities: undefined },
    { probabilities: [1] },
    { probabilities: [0.5, null] },
    { tolerance: undefined },
    { tolerance: -1 },
    { tolerance: [0.1] },
    { tolerance: 1 },
  ]) {
    const changed = { self_test: { ...good, ...part } };
    await refusedManifest(changed, 'modelNoSelfTest');
  }
  await refusedManifest({ self_test: undefined }, 'modelNoSelfTest');
});

test('invalid temperatures and thresholds are refused', async () => {
  await refusedManifest({ temperature: 0 }, 'modelForeign');
  await refusedManifest({ temperature: 'warm' }, 'modelForeign');
  await refusedManifest({ temperature: [2] }, 'modelForeign');
  await refusedManifest({ threshold: {} }, 'modelForeign');
});

test('what was fitted to other classes is refused', async () => {
  await refusedManifest({ outputs: ['familiarity'] }, 'modelForeign');
  await refusedManifest({ levels: [{ name: 'x' }] }, 'modelForeign');
  const thresholds = { precision: 0.9, thresholds: [0.5] };
  await refusedManifest({ class_thresholds: thresholds }, 'modelForeign');
  await refusedManifest({ prediction_sets: {} }, 'modelForeign');
});

test('a description that no model needs is refused', async () => {
  const content = JSON.stringify(manifest()).padEnd(2 ** 24 + 1);
  const contents = modelFile({ files: { 'kerasfg.json': content } });
  await refused(contents, 'modelBroken');
});

test('attributes that cannot be printed are left out', () => {
  const table = { a: { x: 1, y: null, z: ['n'] }, b: 3, c: { w: 'yes' } };
  const changed = manifest({ class_attributes: table });
  const { attributes } = describeModel(changed, changed.self_test);
  assert.deepEqual(attributes, { a: { x: 1 }, c: { w: 'yes' } });
});

test('a file of the app has its own self-test for the common picture', () => {
  const { self_test: { image }, ...rest } = manifest();
  const answer = { probabilities: [0.5, 0.5], tolerance: 0.1 };
  const whole = { ...rest, self_test: { image } };
  const { selfTest } = describeModel(whole, answer);
  assert.deepEqual(selfTest.probabilities, [0.5, 0.5]);
  assert.equal(selfTest.image.length, 12);
});

test('compressed archives are refused, those of other tools are read', () => {
  assert.throws(() => readFiles(archive([['a', 'b']], undefined, 8)), {
    key: 'modelBroken',
  });
  const moved = Buffer.concat([Buffer.from('TFL3'), archive([['a', 'b']])]);
  const { files, start } = readFiles(new Uint8Array(moved));
  assert.deepEqual([...files.keys()], ['a']);
  assert.equal(start, 4);
});

test('checksums', async () => {
  const empty =
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  assert.equal(await sha256(new Uint8Array(0)), empty);
  assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926);
});
