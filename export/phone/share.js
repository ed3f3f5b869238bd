// A result as text, and as a picture with its label.

import { percent, plain, say, title } from './say.js';

const CAPTION = 0.11; // of the picture's side
const SMALLEST = 480;

/** The result in one line. */
export function resultText({ top, sure, model }) {
  const list = top
    .map(({ name, probability }, i) =>
      say('resultLine', {
        name: i === 0 ? title(name) : plain(name),
        percent: percent(probability),
      }),
    )
    .join(', ');
  const text = sure ? list : say('resultNotSure', { list });
  return say('resultFrom', { list: text, model: model.name });
}

/**
 * Draws what was in the frame, with its label below.
 *
 * @param {object} result of a session
 * @returns {Promise<File>} a JPEG picture
 */
export async function labelledPicture(result) {
  const { picture, sure, top } = result;
  const scale = Math.max(1, SMALLEST / picture.width);
  const width = Math.round(picture.width * scale);
  const height = Math.round(picture.height * scale);
  const caption = Math.round(width * CAPTION);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height + caption;
  const context = canvas.getContext('2d');
  const bitmap = await createImageBitmap(picture);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const label = sure
    ? say('resultLine', {
        name: title(top[0].name),
        percent: percent(top[0].probability),
      })
    : say('notSure');
  drawCaption(context, label, height, caption);
  const blob = await new Promise((resolve) =>
    canvas.toBlob(resolve, 'image/jpeg', 0.92),
  );
  return new File([blob], fileName(sure ? top[0].name : say('notSure')), {
    type: 'image/jpeg',
  });
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

/** Copies a text; gives whether the browser allowed it. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Saves a file where downloads go. */
export function saveFile(file) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  // Some browsers read the file only after a moment.
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/** Whether the phone can pass a picture on to other apps. */
export function canShare(file) {
  return Boolean(navigator.canShare?.({ files: [file] }));
}

/** Passes a picture on; that the user changed their mind is no error. */
export async function shareFile(file, text) {
  try {
    await navigator.share({ files: [file], text });
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
}
