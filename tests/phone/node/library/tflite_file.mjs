// Makes files like those of `kerasfg export`, with a few bytes in place of the
// network.

import { createHash } from 'node:crypto';

import { crc32 } from '../../../../export/phone/kerasfg/checksums.js';

export const LABELS = 'labels_without_background.txt';

export function manifest(changes = {}) {
  return {
    format: 3,
    name: 'Flowers',
    image_size: 2,
    frame_size: 5,
    takes: 'pixels',
    crop: 'center',
    crop_fraction: 1,
    filter: 'bicubic',
    class_names: ['bluebell', 'Löwenzahn'],
    class_attributes: { bluebell: { colour: 'blue' } },
    temperature: 1.5,
    threshold: 0.6,
    outputs: ['probabilities', 'familiarity'],
    class_thresholds: { precision: 0.9, thresholds: [0.6, 0.7] },
    levels: [
      { name: 'family', of_class: ['lily', 'daisy'], threshold: 0.5 },
    ],
    prediction_sets: { pictures: 9, lowest: Array(50).fill(0.25) },
    distance: {
      object_size: 0.12,
      fov: 66,
      sensor_pixels: 4000,
      curve: [{ resolution: 1, top_1: 0.5, top_1_interval: [0.4, 0.6] }],
    },
    self_test: {
      image: Buffer.from([...Array(12).keys()]).toString('base64'),
      probabilities: [0.25, 0.75],
      tolerance: 1e-3,
    },
    ...changes,
  };
}

/** Bytes of a model; `files` replaces files inside, or leaves out (null). */
export function modelFile({ manifest: content = manifest(), files = {} } = {}) {
  const network = Buffer.from('\0\0\0\0TFL3 a network', 'latin1');
  const digest = createHash('sha256').update(network).digest('hex');
  const all = {
    [LABELS]: `${content.class_names?.join('\n')}\n`,
    'kerasfg.json': JSON.stringify(content),
    'model.sha256': digest,
    ...files,
  };
  const entries = Object.entries(all).filter(([, data]) => data !== null);
  return new Uint8Array(Buffer.concat([network, archive(entries, network)]));
}

export function archive(entries, before = Buffer.alloc(0), method = 0) {
  const [parts, list] = [[], []];
  let place = before.length;
  for (const [name, text] of entries) {
    const [title, data] = [Buffer.from(name), Buffer.from(text)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(title.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(place, 10);
    list.push(Buffer.from('PK\x01\x02\x14\x03'), common, rest, title);
    const part = [Buffer.from('PK\x03\x04'), common, title, data];
    parts.push(...part);
    place += part.reduce((sum, { length }) => sum + length, 0);
  }
  const listed = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(place, 16);
  return Buffer.concat([...parts, listed, end]);
}
