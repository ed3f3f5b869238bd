// One pass of low_resolution.js in WebAssembly with SIMD: four pixels and all
// of their channels at a time. It computes the same integers, some six times
// faster. `KERNEL` is written by hand; its comments say what each line does.

// A weight has 23 bits, and the product of SIMD takes 16: each is the sum of an
// upper part, 2048 times as much, and a lower one.
const LOW_BITS = 11;
const LOW_MASK = (1 << LOW_BITS) - 1;
const ENTRY = 8; // bytes: where the pixels start, and groups of four weights
const GROUP = 16; // bytes: two upper, two lower, two upper, two lower parts
const PAGE = 65536;
const CHUNK = 2 ** 20; // bytes of pixels at once, which the caches can hold

let kernel = null;

/** Whether this browser has it. */
export function hasKernel() {
  kernel ??= startKernel();
  return kernel !== false;
}

/**
 * Packs the weights of an axis as the kernel reads them.
 *
 * @param {{first: Int32Array, weights: Int32Array[]}} coefficients
 * @returns {Uint8Array}
 */
export function packWeights({ first, weights }) {
  const groups = weights.map(({ length }) => Math.ceil(length / 4));
  const total = groups.reduce((sum, count) => sum + count, 0);
  const view = new DataView(
    new ArrayBuffer(first.length * ENTRY + total * GROUP),
  );
  let at = 0;
  weights.forEach((line, i) => {
    view.setInt32(at, first[i] * 4, true);
    view.setInt32(at + 4, groups[i], true);
    at += ENTRY;
    line.forEach((weight, k) => {
      const place = at + (k >> 1) * 8 + (k & 1) * 2;
      view.setInt16(place, weight >> LOW_BITS, true);
      view.setInt16(place + 4, weight & LOW_MASK, true);
    });
    at += groups[i] * GROUP;
  });
  return new Uint8Array(view.buffer);
}

/**
 * Resizes lines of RGBA pixels.
 *
 * @param {Uint8Array|Uint8ClampedArray} data the lines, one after the other
 * @param {number} lines how many
 * @param {number} size pixels of each afterwards
 * @param {Uint8Array} table of `packWeights`
 * @param {(i: number, line: number, pixels: Uint8Array) => void} write called
 *   with pixel `i` of the lines from `line` on, RGBA
 */
export function shrinkLines(data, lines, size, table, write) {
  const stride = data.length / lines;
  const most = Math.min(lines, Math.max(1, Math.floor(CHUNK / stride)));
  const source = Math.ceil(table.length / 16) * 16;
  const target = Math.ceil((source + most * stride + GROUP) / 16) * 16;
  const bytes = memoryOf(target + most * size * 4);
  bytes.set(table);
  for (let line = 0; line < lines; line += most) {
    const count = Math.min(most, lines - line);
    const end = source + count * stride;
    const step = count * 4;
    bytes.set(data.subarray(line * stride, (line + count) * stride), source);
    kernel.shrink(0, size, source, end, stride, target, step);
    for (let i = 0; i < size; i++) {
      const at = target + i * step;
      write(i, line, bytes.subarray(at, at + step));
    }
  }
}

/** @param {number} length of the memory in bytes, at least */
function memoryOf(length) {
  const { memory } = kernel;
  const lacking = length - memory.buffer.byteLength;
  if (lacking > 0) memory.grow(Math.ceil(lacking / PAGE));
  return new Uint8Array(memory.buffer);
}

function startKernel() {
  try {
    const module = new WebAssembly.Module(KERNEL);
    return new WebAssembly.Instance(module).exports;
  } catch {
    return false; // without SIMD, or not allowed by the page's policy
  }
}

// (table, size, rows, end, stride, out, step): `rows` is the address of the
// first row and `end` that behind the last one, `stride` bytes apart.
// prettier-ignore
const KERNEL = Uint8Array.of(
  // header
  0, 97, 115, 109, 1, 0, 0, 0,
  // a function of seven numbers
  1, 11, 1, 96, 7, 127, 127, 127, 127, 127, 127, 127, 0,
  3, 2, 1, 0,
  // one page of memory, which grows
  5, 3, 1, 0, 1,
  // exports `memory` and `shrink`
  7, 19, 2, 6, 109, 101, 109, 111, 114, 121, 2, 0, 6, 115, 104, 114, 105,
  110, 107, 0, 0,
  // locals: 5 i32, 5 v128
  10, 160, 2, 1, 157, 2, 2, 5, 127, 5, 123,
  // for each row
  3, 64,
  //   left = size; entry = table; to = out
  32, 1, 33, 7, 32, 0, 33, 8, 32, 5, 33, 11,
  //   for each pixel of the result
  3, 64,
  //     taps = rows + entry.start
  32, 2, 32, 8, 40, 2, 0, 106, 33, 9,
  //     count = entry.count
  32, 8, 40, 2, 4, 33, 10,
  //     entry += 8
  32, 8, 65, 8, 106, 33, 8,
  //     high = 0
  32, 16, 33, 12,
  //     low = a half
  65, 128, 128, 128, 1, 253, 17, 33, 13,
  //     for each four pixels under the filter
  3, 64,
  //       pixels = the four
  32, 9, 253, 0, 0, 0, 34, 14,
  32, 16,
  //       the first two, as pairs
  253, 13, 0, 16, 4, 16, 1, 16, 5, 16, 2, 16, 6, 16, 3, 16, 7, 16,
  //       high += pairs . their upper weights
  33, 15, 32, 15, 32, 8, 253, 9, 2, 0, 253, 186, 1, 32, 12, 253, 174, 1, 33,
  12,
  //       low += pairs . their lower weights
  32, 15, 32, 8, 253, 9, 2, 4, 253, 186, 1, 32, 13, 253, 174, 1, 33, 13,
  32, 14, 32, 16,
  //       the other two
  253, 13, 8, 16, 12, 16, 9, 16, 13, 16, 10, 16, 14, 16, 11, 16, 15, 16,
  33, 15, 32, 15, 32, 8, 253, 9, 2, 8, 253, 186, 1, 32, 12, 253, 174, 1, 33,
  12,
  32, 15, 32, 8, 253, 9, 2, 12, 253, 186, 1, 32, 13, 253, 174, 1, 33, 13,
  //       taps += 16
  32, 9, 65, 16, 106, 33, 9,
  //       entry += 16
  32, 8, 65, 16, 106, 33, 8,
  //       until count is 0
  32, 10, 65, 1, 107, 34, 10, 13, 0, 11,
  //     sum = (high << 11) + low
  32, 11, 32, 12, 65, 11, 253, 171, 1, 32, 13, 253, 174, 1,
  //     sum >>= 22
  65, 22, 253, 172, 1, 34, 12,
  //     clip it to bytes
  32, 12, 253, 133, 1, 34, 13, 32, 13, 253, 102,
  //     store the pixel at `to`
  253, 90, 2, 0, 0,
  //     to += step
  32, 11, 32, 6, 106, 33, 11,
  //   until left is 0
  32, 7, 65, 1, 107, 34, 7, 13, 0, 11,
  //   out += 4
  32, 5, 65, 4, 106, 33, 5,
  // until rows is end
  32, 2, 32, 4, 106, 34, 2, 32, 3, 73, 13, 0, 11,
  // end of the function
  11,
);
