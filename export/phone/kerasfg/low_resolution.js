// Shrinks a picture: Pillow's bicubic filter in integers. A twin of
// kerasfg/data/pixels/low_resolution.py, which explains each rule: both give
// the same pixels to the last bit.

import { hasKernel, packWeights, shrinkLines } from './pixels/simd.js';

const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);

/**
 * Resizes to a square as Pillow's `BICUBIC` does, to the last bit.
 *
 * @param {{data: Uint8Array|Uint8ClampedArray, width: number,
 *   height: number}} picture with `channels` values a pixel: RGB, or a canvas'
 *   RGBA, whose fourth value is ignored
 * @param {number} size side of the result in pixels
 * @param {number} channels 3 or 4. Defaults to 4.
 * @returns {Uint8Array} `size * size * 3` values, row by row, RGB
 */
export function resample(picture, size, channels = 4) {
  const { data, width, height } = picture;
  if (data.length !== width * height * channels || data.length === 0) {
    throw new RangeError(
      'Argument `picture` must hold width * height * channels values. ' +
        `Received: ${data.length} values for ${width} x ${height} pixels`,
    );
  }
  const shrinking = startShrinking(width, height, size);
  shrinking.add(picture, channels);
  return shrinking.result();
}

/**
 * Resizes a picture that comes in strips, so that it need not be in memory as a
 * whole. The result is that of `resample`, to the last bit.
 *
 * @param {number} width of the whole picture
 * @param {number} height of the whole picture
 * @param {number} size side of the result in pixels
 * @returns {{inRows: boolean, add: (strip: {data: Uint8Array|
 *   Uint8ClampedArray, width: number, height: number}, channels?: number) =>
 *   void, result: () => Uint8Array}} `add` takes the strips in order: some rows
 *   of the whole width, from the top; or, if not `inRows`, some columns of the
 *   whole height, from the left
 */
export function startShrinking(width, height, size) {
  // Pillow's order: the second pass rounds what the first has rounded.
  const inRows = height - size <= Math.max(0, 2 * (width - size));
  const lines = inRows ? height : width;
  const middle = new Uint8Array(size * lines * 4);
  let done = 0;
  return {
    inRows,
    add(strip, channels = 4) {
      const row = strip.width * channels;
      const [count, length] = inRows
        ? [strip.height, width]
        : [strip.width, height];
      const steps = inRows ? [row, channels] : [channels, row];
      shrinkInto(middle, lines, done, strip.data, count, length, steps, size);
      done += count;
    },
    result() {
      const square = new Uint8Array(size * size * 4);
      const steps = [lines * 4, 4];
      shrinkInto(square, size, 0, middle, size, lines, steps, size);
      return toRgb(square, size, inRows);
    },
  };
}

/**
 * Resizes `count` lines of `length` pixels each. Pixel `i` of line `k` becomes
 * pixel `i * lines + first + k` of `out`: lines become columns.
 */
function shrinkInto(out, lines, first, data, count, length, steps, size) {
  const [lineStep, pixelStep] = steps;
  const { coefficients, table } = cachedCoefficients(length, size);
  if (pixelStep === 4 && hasKernel()) {
    shrinkLines(data, count, size, table(), (i, line, pixels) => {
      out.set(pixels, (i * lines + first + line) * 4);
    });
    return;
  }
  for (let k = 0; k < count; k++) {
    for (let i = 0; i < size; i++) {
      const start = k * lineStep + coefficients.first[i] * pixelStep;
      const at = (i * lines + first + k) * 4;
      writePixel(coefficients.weights[i], data, start, pixelStep, out, at);
    }
  }
}

/** Without the fourth values; after passes over rows first, as it is. */
function toRgb(square, size, inRows) {
  const out = new Uint8Array(size * size * 3);
  for (let row = 0, at = 0; row < size; row++) {
    for (let column = 0; column < size; column++, at += 3) {
      const pixel = inRows ? row * size + column : column * size + row;
      for (let c = 0; c < 3; c++) out[at + c] = square[pixel * 4 + c];
    }
  }
  return out;
}

/**
 * The bicubic weights of one axis in fixed point.
 *
 * @param {number} inSize length of the axis before
 * @param {number} outSize length of the axis after
 * @returns {{first: Int32Array, weights: Int32Array[]}} the first input
 *   position of each output, and the weights from there on
 */
export function coefficients(inSize, outSize) {
  const scale = inSize / outSize;
  const stretch = Math.max(scale, 1);
  const support = 2 * stretch;
  const first = new Int32Array(outSize);
  const weights = [];
  for (let i = 0; i < outSize; i++) {
    const center = (i + 0.5) * scale;
    first[i] = Math.max(Math.trunc(center - support + 0.5), 0);
    const last = Math.min(Math.trunc(center + support + 0.5), inSize);
    weights.push(fixedPoint(first[i], last, center, 1 / stretch));
  }
  return { first, weights };
}

function fixedPoint(first, last, center, shrink) {
  const values = new Float64Array(last - first);
  let total = 0;
  for (let k = 0; k < values.length; k++) {
    values[k] = bicubic((k + first - center + 0.5) * shrink);
    total += values[k];
  }
  return Int32Array.from(values, (value) => {
    const scaled = (value / total) * (1 << PRECISION_BITS);
    return Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
  });
}

function bicubic(offset) {
  const a = -0.5;
  const x = Math.abs(offset);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

// The weights for a full camera picture take a while to compute: those of the
// last few lengths are cached.
const cache = new Map();

function cachedCoefficients(inSize, outSize) {
  const key = `${inSize} ${outSize}`;
  if (!cache.has(key)) {
    if (cache.size >= 8) cache.delete(cache.keys().next().value);
    const found = coefficients(inSize, outSize);
    let packed = null;
    const table = () => (packed ??= packWeights(found));
    cache.set(key, { coefficients: found, table });
  }
  return cache.get(key);
}

/** Writes one pixel, a weighted sum of input pixels. */
function writePixel(weights, data, start, step, out, at) {
  // Below 2 ** 31: the weights' absolute values sum to less than 1.5.
  let red = HALF;
  let green = HALF;
  let blue = HALF;
  for (let k = 0, position = start; k < weights.length; k++) {
    const weight = weights[k];
    red = (red + Math.imul(data[position], weight)) | 0;
    green = (green + Math.imul(data[position + 1], weight)) | 0;
    blue = (blue + Math.imul(data[position + 2], weight)) | 0;
    position += step;
  }
  out[at] = clip(red >> PRECISION_BITS);
  out[at + 1] = clip(green >> PRECISION_BITS);
  out[at + 2] = clip(blue >> PRECISION_BITS);
}

function clip(value) {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
