// Short texts in rounded boxes, in two lines at most.

import { wrap } from './drawing.js';

const [HEIGHT, PAD, GAP, ABOVE] = [52, 22, 12, 20];
const LINES = 2;
const COLOUR = '#e6e4dc';

/**
 * Places texts one after the other. If there are more than fit, the last box
 * says how many.
 *
 * @param {CanvasRenderingContext2D} context with their font
 * @param {string[]} texts
 * @param {number} width of a line in pixels
 * @returns {{boxes: {text: string, x: number, y: number, width: number}[],
 *   height: number}} from the upper left corner
 */
export function chipLines(context, texts, width) {
  const measure = (text) => context.measureText(text).width + 2 * PAD;
  const boxes = [];
  let [x, line] = [0, 0];
  const add = (text, wide) => {
    boxes.push({ text, x, y: ABOVE + line * (HEIGHT + GAP), width: wide });
    x += wide + GAP;
  };
  for (const [i, text] of texts.entries()) {
    const [shown] = wrap(context, text, width - 2 * PAD, 1);
    const wide = measure(shown);
    if (x > 0 && x + wide > width && line + 1 < LINES) [x, line] = [0, line + 1];
    const rest = texts.length - i - 1;
    const needed = wide + (rest > 0 ? GAP + measure(`+${rest}`) : 0);
    const isLast = line + 1 === LINES;
    if (x > 0 && x + (isLast ? needed : wide) > width) {
      add(`+${rest + 1}`, measure(`+${rest + 1}`));
      break;
    }
    add(shown, wide);
  }
  const height = boxes.length > 0 ? ABOVE + (line + 1) * (HEIGHT + GAP) : 0;
  return { boxes, height };
}

/** Draws them. */
export function drawChips(context, { boxes }, left, top, ink) {
  for (const { text, x, y, width } of boxes) {
    context.fillStyle = COLOUR;
    context.beginPath();
    context.roundRect(left + x, top + y, width, HEIGHT, HEIGHT / 2);
    context.fill();
    context.fillStyle = ink;
    context.fillText(text, left + x + PAD, top + y + 36);
  }
}
