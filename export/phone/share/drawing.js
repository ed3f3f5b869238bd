// Draws on a canvas: pictures with round corners, and text that fits.

/** Draws a picture so that it fills a rectangle; what is too much is cut off. */
export function roundedImage(context, picture, x, y, width, height, radius) {
  const scale = Math.max(width / picture.width, height / picture.height);
  const [w, h] = [width / scale, height / scale]; // of the picture
  const [left, top] = [(picture.width - w) / 2, (picture.height - h) / 2];
  context.save();
  context.beginPath();
  context.roundRect(x, y, width, height, radius);
  context.clip();
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, left, top, w, h, x, y, width, height);
  context.restore();
}

/**
 * Breaks a text into lines in the first of some sizes in which it fits.
 *
 * @param {CanvasRenderingContext2D} context its font is changed
 * @param {string} text
 * @param {number} width of the lines in pixels
 * @param {{ways: number[][], font: (size: number) => string}} how pairs of a
 *   size of the letters and how many lines there may be
 * @returns {{lines: string[], size: number}}
 */
export function textLines(context, text, width, { ways, font }) {
  for (const [size, most] of ways) {
    context.font = font(size);
    const lines = wrap(context, text, width, most);
    const isWhole = lines.join(' ') === text.split(/\s+/).join(' ');
    const isLast = size === ways.at(-1)[0] && most === ways.at(-1)[1];
    if (isWhole || isLast) return { lines, size };
  }
  throw new RangeError('no ways');
}

/**
 * Breaks a text between words, and a word that is too long within it. What does
 * not fit in `most` lines is cut off with an ellipsis.
 *
 * @returns {string[]} at least one line
 */
export function wrap(context, text, width, most) {
  const fits = (line) => context.measureText(line).width <= width;
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1);
    const longer = line ? `${line} ${word}` : word;
    if (fits(longer)) {
      lines[lines.length - 1] = longer;
      continue;
    }
    if (line) lines.push('');
    for (const char of word) {
      if (!fits(lines.at(-1) + char)) lines.push('');
      lines[lines.length - 1] += char;
    }
  }
  if (lines.length <= most) return lines;
  let last = lines.slice(most - 1).join(' ');
  while (last && !fits(`${last}…`)) last = Array.from(last).slice(0, -1).join('');
  return [...lines.slice(0, most - 1), `${last.trimEnd()}…`];
}
