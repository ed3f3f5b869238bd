// A result as a card to share: the picture in the frame, the pixels that the
// network saw, the name, attributes, and the title of the app.

import { drawn } from '../found/keep.js';
import { wordsOf } from '../unsure/words.js';
import { attributeTexts, className, percent, textFor } from '../ui/format_text.js';
import { currentLanguage } from '../ui/texts.js';
import { chipLines, drawChips } from './chips.js';
import { roundedImage, textLines, wrap } from './drawing.js';

const [WIDTH, HEIGHT, MARGIN] = [1080, 1350, 64];
const INNER = WIDTH - 2 * MARGIN;
const [INSET, BELOW] = [208, 44]; // of the pixels; so far below the picture
const [GAP, LINE, FOOT] = [28, 58, 112];
const SERIF = 'ui-serif, "New York", Georgia, "Noto Serif", serif';
const SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const [PAPER, INK, SOFT] = ['#f7f6f2', '#1c1f1b', '#585e55'];
const ACCENT = '#1f6b45';
const NAME = {
  font: (size) => `500 ${size}px ${SERIF}`,
  // Sizes of the letters, and how many lines there may be.
  ways: [[88, 1], [76, 1], [66, 1], [66, 2], [56, 2], [48, 3], [40, 3], [34, 4]],
};

/**
 * Draws the card of a result.
 *
 * @param {object} result of model/session.js
 * @param {{title: string, accent?: string}} about what about.json says of the
 *   app
 * @returns {Promise<File>} a JPEG picture of 1080 × 1350 pixels
 */
export async function cardOf(result, about) {
  const { part, pixels, isSure, top, model } = result;
  const accent = about.accent ?? ACCENT;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const context = canvas.getContext('2d');
  context.fillStyle = PAPER;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  const words = linesOf(context, result);
  // The picture gets the room that the words leave.
  const room = HEIGHT - MARGIN - GAP - words.height - FOOT;
  const height = Math.min(INNER, room);
  const bitmap = await createImageBitmap(part);
  roundedImage(context, bitmap, MARGIN, MARGIN, INNER, height, 28);
  bitmap.close();
  drawInset(context, drawn(pixels, model.imageSize), MARGIN + height);
  drawWords(context, words, accent, MARGIN + height + GAP);
  drawFoot(context, about.title, accent);
  const blob = await new Promise((resolve) =>
    canvas.toBlob(resolve, 'image/jpeg', 0.92),
  );
  const name = fileName(isSure ? top[0].label : wordsOf(result).title);
  return new File([blob], name, { type: blob.type });
}

/** What is written below the picture, in lines. */
function linesOf(context, result) {
  const { isSure, top, model, coarser } = result;
  const [{ label, probability }] = top;
  const { state, title: name } = wordsOf(result);
  const share = { sure: probability, coarser: coarser?.probability }[state];
  const line =
    share === undefined
      ? textFor('cardPerhaps', { name: className(label) })
      : textFor('cardShare', { percent: percent(share) });
  const known = isSure && Object.hasOwn(model.attributes, label);
  const texts = known ? attributeTexts(model.attributes[label]) : [];
  context.font = `28px ${SANS}`;
  const chips = chipLines(context, texts, INNER);
  // The pixels reach down beside the name.
  const { lines, size } = textLines(context, name, INNER - INSET - 56, NAME);
  const height = lines.length * size * 1.08 + LINE + chips.height;
  return { lines, size, line, chips, height };
}

/** The pixels lie on the lower right corner of the picture. */
function drawInset(context, pixels, bottom) {
  const left = WIDTH - MARGIN - INSET - 28;
  const top = bottom - INSET + BELOW;
  context.save();
  context.fillStyle = PAPER;
  context.shadowColor = 'rgb(0 0 0 / 30%)';
  context.shadowBlur = 24;
  context.beginPath();
  context.roundRect(left - 10, top - 10, INSET + 20, INSET + 20, 24);
  context.fill();
  context.restore();
  context.imageSmoothingEnabled = false;
  roundedImage(context, pixels, left, top, INSET, INSET, 16);
  context.imageSmoothingEnabled = true;
}

function drawWords(context, { lines, size, line, chips }, accent, top) {
  let bottom = top;
  context.fillStyle = INK;
  context.font = NAME.font(size);
  for (const text of lines) {
    bottom += size * 1.08;
    context.fillText(text, MARGIN, bottom - size * 0.14);
  }
  bottom += LINE;
  context.fillStyle = accent;
  context.font = `600 34px ${SANS}`;
  context.fillText(wrap(context, line, INNER, 1)[0], MARGIN, bottom - 12);
  context.font = `28px ${SANS}`;
  drawChips(context, chips, MARGIN, bottom, INK);
}

function drawFoot(context, title, accent) {
  const y = HEIGHT - 48;
  context.fillStyle = accent;
  context.beginPath();
  context.roundRect(MARGIN, y - 22, 22, 22, 6);
  context.fill();
  const language = currentLanguage();
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long' }).format();
  context.font = `26px ${SANS}`;
  context.fillStyle = SOFT;
  const { width } = context.measureText(date);
  context.fillText(date, WIDTH - MARGIN - width, y);
  context.font = `600 30px ${SERIF}`;
  context.fillStyle = INK;
  const [shown] = wrap(context, title, INNER - width - 34 - 40, 1);
  context.fillText(shown, MARGIN + 34, y);
}

function fileName(name) {
  const safe = name
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
  const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '');
  return `${safe.slice(0, 80) || 'picture'}-${time}.jpg`;
}
