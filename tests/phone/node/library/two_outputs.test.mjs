// The engines, with stand-ins for the runtimes, and models of two outputs.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import * as litert from '../../../../export/phone/kerasfg/litert.js';
import * as onnxruntime from '../../../../export/phone/kerasfg/onnxruntime.js';

const LITERT = `
export const loadLiteRt = async () => {};
export class Tensor {
  constructor(values) { this.values = values; }
  toTypedArray() { return this.values; }
  delete() {}
}
export const loadAndCompile = async (outputs) => ({
  getInputDetails: () => [{ dtype: 'uint8', shape: Int32Array.of(1, 2, 2, 3) }],
  getOutputDetails: () => outputs.map(({ length }) => (
    { dtype: 'float32', shape: Int32Array.of(1, length) })),
  run: async () => outputs.map((values) => new Tensor(values)),
  delete() {},
});
`;
const ORT = `
export const env = { wasm: {} };
export class Tensor { dispose() {} }
export const InferenceSession = { create: async (outputs) => ({
  inputNames: ['image'],
  inputMetadata: [{ type: 'uint8', shape: [1, 2, 2, 3] }],
  outputNames: outputs.map((_, i) => 'output ' + i),
  outputMetadata: outputs.map(({ length }) => (
    { type: 'float32', shape: [1, length] })),
  run: async (feeds, names) => Object.fromEntries(names.map((name) => [
    name, { data: outputs[name.split(' ')[1]], dispose() {} }])),
  release() {},
}) };
`;
// What LiteRT.js's build is in these tests: a module of nothing.
const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
const HEADERS = { 'Content-Type': 'application/wasm' };
globalThis.fetch = async () => new Response(EMPTY, { headers: HEADERS });
const SHARES = [0.25, 0.75];
let runtime, folder;

before(async () => {
  globalThis.navigator ??= { hardwareConcurrency: 1 }; // of newer Node
  folder = await mkdtemp(join(tmpdir(), 'runtimes-'));
  await mkdir(join(folder, 'litert'));
  await mkdir(join(folder, 'ort'));
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  await writeFile(join(folder, 'litert', 'index.js'), LITERT);
  await writeFile(join(folder, 'ort', 'ort.wasm.min.mjs'), ORT);
  runtime = pathToFileURL(join(folder, '/'));
});

after(() => rm(folder, { recursive: true }));

for (const [name, engine] of Object.entries({ litert, onnxruntime })) {
  test(`${name} gives both outputs, wherever they are`, async () => {
    for (const outputs of [[SHARES], [SHARES, [0.5]], [[0.5], SHARES]]) {
      const network = await engine.loadModel(outputs, runtime);
      assert.deepEqual(network.output, { dtype: 'float32', shape: [1, 2] });
      const given = await network.run(new Uint8Array(12), [1, 2, 2, 3]);
      assert.deepEqual([...given.probabilities], SHARES);
      const isTold = outputs.length === 2;
      assert.equal(given.familiarity, isTold ? 0.5 : null);
      assert.equal(network.givesFamiliarity, isTold);
    }
  });

  test(`${name} refuses other outputs`, async () => {
    for (const outputs of [[], [[0.5]], [SHARES, SHARES]]) {
      const loading = engine.loadModel(outputs, runtime);
      await assert.rejects(loading, { key: 'modelOutput' });
    }
  });
}
