// A result as text, and as a picture with its label.

import { wordsOf } from '../unsure/words.js';
import { percent, textFor, toTitle, toWords } from './format_text.js';

const CAPTION_HEIGHT = 0.11; // as a share of the picture's width
const MIN_WIDTH = 480;

/** The result in one line. */
export function resultText(result) {
  const { top, model } = result;
  const list = top
    .map(({ label, probability }, i) =>
      textFor('resultLine', {
        name: i === 0 ? toTitle(label) : toWords(label),
        percent: percent(probability),
      }),
    )
    .join(', ');
  const { state, shared, spoken } = wordsOf(result);
  const texts = { sure: list, unknown: spoken };
  const unsure = textFor('resultUnsure', { title: shared, list });
  const text = texts[state] ?? unsure;
  return textFor('resultFrom', { list: text, model: model.name });
}

/**
 * Draws the part of the picture inside the frame, with its label below.
 *
 * @param {object} result of model/session.js
 * @returns {Promise<File>} a JPEG picture
 */
export async function labelledPicture(result) {
  const { part, isSure, top } = result;
  const scale = Math.max(1, MIN_WIDTH / part.width);
  const width = Math.round(part.width * scale);
  const height = Math.round(part.height * scale);
  const caption = Math.round(width * CAPTION_HEIGHT);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height + caption;
  const context = canvas.getContext('2d');
  const bitmap = await createImageBitmap(part);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { title, shared } = wordsOf(result);
  drawCaption(context, shared, height, caption);
  const blob = await new Promise((resolve) =>
    canvas.toBlob(resolve, 'image/jpeg', 0.92),
  );
  const name = fileName(isSure ? top[0].label : title);
  return new File([blob], name, { type: 'image/jpeg' });
}

function drawCaption(context, label, top, height) {
  const { width } = context.canvas;
  context.fillStyle = '#fff';
  context.fillRect(0, top, width, height);
  context.fillStyle = '#1c1f1b';
  context.font = `600 ${Math.round(height * 0.45)}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  const margin = height * 0.4;
  context.fillText(label, margin, top + height / 2, width - 2 * margin);
}

function fileName(name) {
  const safe = name
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
  const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '');
  return `${safe || 'picture'}-${time}.jpg`;
}
