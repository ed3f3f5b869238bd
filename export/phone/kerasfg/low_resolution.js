// Shrinks a picture: Pillow's bicubic filter in integers. A twin of
// kerasfg/data/pixels/low_resolution.py, which explains each rule: both give
// the same pixels to the last bit.

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
  const lostHeight = height - size;
  const lostWidth = width - size;
  if (lostHeight > Math.max(0, 2 * lostWidth)) {
    const rows = resizeHeight(data, width, height, channels, size);
    return resizeWidth(rows, width, size, 3, size);
  }
  const columns = resizeWidth(data, width, height, channels, size);
  return resizeHeight(columns, size, height, 3, size);
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
    cache.set(key, coefficients(inSize, outSize));
  }
  return cache.get(key);
}

function resizeWidth(data, width, height, channels, size) {
  const out = new Uint8Array(size * height * 3);
  const resize = lineResizer(width, size, channels, 3);
  for (let y = 0; y < height; y++) {
    resize(data, y * width * channels, out, y * size * 3);
  }
  return out;
}

function resizeHeight(data, width, height, channels, size) {
  const out = new Uint8Array(size * width * 3);
  const resize = lineResizer(height, size, width * channels, width * 3);
  for (let x = 0; x < width; x++) {
    resize(data, x * channels, out, x * 3);
  }
  return out;
}

/** Makes the function that resizes one row, or one column. */
function lineResizer(inSize, outSize, inStep, outStep) {
  // Pillow does not filter an axis whose length stays the same.
  if (inSize === outSize) return lineCopier(outSize, inStep, outStep);
  const { first, weights } = cachedCoefficients(inSize, outSize);
  return (data, inStart, out, outStart) => {
    for (let i = 0; i < outSize; i++) {
      const start = inStart + first[i] * inStep;
      writePixel(weights[i], data, start, inStep, out, outStart + i * outStep);
    }
  };
}

function lineCopier(size, inStep, outStep) {
  return (data, inStart, out, outStart) => {
    for (let i = 0; i < size; i++) {
      for (let c = 0; c < 3; c++) {
        out[outStart + i * outStep + c] = data[inStart + i * inStep + c];
      }
    }
  };
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
