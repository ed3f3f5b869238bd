// The zip file of what was kept: its bytes, its folders, its table.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { exportZip } from '../../../export/phone/found/export_zip.js';
import { folderNames } from '../../../export/phone/found/folder_names.js';
import { writeZip } from '../../../export/phone/found/zip_writer.js';
import { readFiles } from '../../../export/phone/kerasfg/zip.js';
import { crc32 } from '../../../export/phone/kerasfg/checksums.js';

const text = (bytes) => new TextDecoder().decode(bytes);
const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());

async function* three() {
  const time = new Date(2026, 10, 28, 9, 12, 34);
  yield { name: 'ä/1.jpg', data: Uint8Array.of(1, 2, 3), time };
  yield { name: 'b/2.jpg', data: new Uint8Array(70_000).fill(7), time };
  yield { name: 'empty', data: new Uint8Array(), time };
}

test('CRC-32 of the known example', () => {
  assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
});

test('Python finds the archive whole, with names, times and rights', async (t) => {
  const python = process.env.KERASFG_PYTHON ?? 'python3';
  const folder = mkdtempSync(join(tmpdir(), 'kerasfg-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'x.zip');
  writeFileSync(file, await bytesOf(await writeZip(three())));
  const script =
    'import json, sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); ' +
    'print(json.dumps([z.testzip(), [[i.filename, i.date_time, ' +
    'i.file_size, oct(i.external_attr >> 16)] for i in z.infolist()]]))';
  const out = execFileSync(python, ['-c', script, file]).toString();
  const time = [2026, 11, 28, 9, 12, 34];
  assert.deepEqual(JSON.parse(out), [
    null,
    [
      ['ä/1.jpg', time, 3, '0o100644'],
      ['b/2.jpg', time, 70_000, '0o100644'],
      ['empty', time, 0, '0o100644'],
    ],
  ]);
});

test('more files than the format holds are refused', async () => {
  async function* many() {
    const [data, time] = [new Uint8Array(), new Date()];
    for (let i = 0; i < 65_536; i++) yield { name: `${i}`, data, time };
  }
  await assert.rejects(writeZip(many()), { key: 'foundTooLarge' });
});

test('a class has its own name as a folder wherever that is safe', () => {
  const safe = ['daisy', 'lily_valley', 'Löwe zahn', '玫瑰', '100%', "o'k"];
  for (const [label, folder] of folderNames(safe)) assert.equal(folder, label);
});

test('what a file system does not take is written as %XX', () => {
  const folders = folderNames([
    ...['a/b', 'a\\b', '..', '.x', 'x.', ' x ', 'a:b', 'CON', 'aux.txt'],
    ...['test', 'a%2Fb', 'tab\there', '', '~x', '__MACOSX'],
  ]);
  assert.equal(folders.get('a/b'), 'a%2Fb');
  assert.equal(folders.get('a%2Fb'), 'a%252Fb');
  assert.equal(folders.get('..'), '%2E%2E');
  assert.equal(folders.get('CON'), '%43ON');
  assert.equal(folders.get('test'), '%74est');
  const names = [...folders.values()];
  assert.equal(new Set(names).size, names.length);
  for (const name of names) {
    assert.match(name, /^[^<>:"/\\|?*\p{Cc}]+$/u);
    assert.doesNotMatch(name, /^[. ]|[. ]$|^(con|aux)\b/i);
  }
});

test('folders differ in more than upper and lower case, also of long names', () => {
  const long = 'x'.repeat(300);
  const labels = ['Daisy', 'daisy', 'DAISY', `${long}a`, `${long}b`, 'ä'.repeat(200)];
  const names = [...folderNames(labels).values()];
  const seen = new Set(names.map((name) => name.toLowerCase()));
  assert.equal(seen.size, labels.length);
  for (const name of names) assert.ok(Buffer.byteLength(name) <= 120, name);
});

const entry = (id, more) => ({
  ...{ id, time: Date.UTC(2026, 10, 28, 9, 12, 34), label: 'daisy' },
  ...{ probability: 0.875, isSure: true, isChecked: false, corrected: null },
  ...{ model: 'Flowers', place: null, top: [], ...more },
});

test('the zip file has class folders and a table, without what is unchecked', async () => {
  const entries = [
    entry('1'),
    entry('2', { corrected: '=1+1, "x"', isChecked: true }),
    entry('3', { isSure: false }),
    entry('4', { isSure: false, isChecked: true }),
    entry('5', { place: { latitude: -1.5, longitude: 2, accuracy: 12 } }),
    entry('gone'),
  ];
  const read = async (id) =>
    id === 'gone' ? undefined : new TextEncoder().encode(id).buffer;
  const { files } = readFiles(await bytesOf(await exportZip(entries, read)));
  const names = [...files.keys()];
  assert.deepEqual(names, [
    'daisy/20261128T091234-1.jpg',
    '=1+1, %22x%22/20261128T091234-2.jpg',
    'daisy/20261128T091234-4.jpg',
    'daisy/20261128T091234-5.jpg',
    'found.csv',
  ]);
  assert.equal(text(files.get(names[0])), '1');
  const lines = Buffer.from(files.get('found.csv')).toString().split('\r\n');
  assert.ok(lines[0].startsWith('\ufeffpath,label,answer,'));
  assert.equal(
    lines[2],
    `"'=1+1, %22x%22/20261128T091234-2.jpg","'=1+1, ""x""",daisy,` +
      '0.8750,yes,yes,2026-11-28T09:12:34.000Z,,,,Flowers',
  );
  assert.match(lines[4], /,-1\.5,2,12,Flowers$/);
});
