// Shows a result: the answer, three classes, the network's input pixels.

import {
  attributeTexts,
  duration,
  percent,
  textFor,
  toTitle,
} from './format_text.js';
import { wordsOf } from '../unsure/words.js';

const ROWS = 3;
// Milliseconds between two changes: faster ones could not be read.
const MIN_INTERVAL = 120;
// So many attributes fit into one line of a narrow screen.
const FEW = 2;

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @returns {{show: (result: object, now: number, atOnce: boolean) => void,
 *   clear: (answer: string, hint: string) => void}}
 */
export function makeResultPanel(find) {
  const rows = Array.from({ length: ROWS }, makeRow);
  find('top').append(...rows.map(({ item }) => item));
  let shown = -Infinity;
  let model = null;

  const clear = (answer, hint) => {
    shown = -Infinity;
    find('panel').dataset.state = 'empty';
    setText(find('answer'), answer);
    setText(find('hint'), hint);
    setText(find('facts'), '');
    find('attributes').hidden = true;
    for (const { item } of rows) item.hidden = true;
  };

  const show = (result, now, atOnce) => {
    drawPixels(find('pixels'), result);
    drawPixels(find('large'), result);
    if (!atOnce && now - shown < MIN_INTERVAL) return;
    shown = now;
    if (result.model !== model) {
      model = result.model;
      find('panel').dataset.attributes = attributeRoom(model.attributes);
    }
    showAnswer(find, result);
    showRows(rows, result.top);
    const { imageSize: size } = result.model;
    const time = duration(result.medianMilliseconds);
    setText(find('facts'), textFor('facts', { size, time }));
  };
  return { show, clear };
}

function showAnswer(find, result) {
  const { isSure, top, model } = result;
  const { label } = top[0];
  const { state, title, hint } = wordsOf(result);
  find('panel').dataset.state = state;
  setText(find('answer'), title);
  setText(find('hint'), hint);
  showAttributes(find('attributes'), isSure ? label : null, model);
}

function showAttributes(list, label, { attributes }) {
  const known = label !== null && Object.hasOwn(attributes, label);
  const texts = known ? attributeTexts(attributes[label]) : [];
  const before = Array.from(list.children, (item) => item.textContent);
  list.hidden = texts.length === 0;
  if (texts.join('\n') === before.join('\n')) return;
  list.replaceChildren(
    ...texts.map((text) => {
      const item = document.createElement('li');
      item.textContent = text;
      return item;
    }),
  );
}

/** The room to keep for attributes: the same for all classes. */
function attributeRoom(attributes) {
  const counts = Object.values(attributes).map(
    (row) => attributeTexts(row).length,
  );
  const most = Math.max(0, ...counts);
  return most === 0 ? 'none' : most <= FEW ? 'few' : 'many';
}

function makeRow() {
  const item = document.createElement('li');
  const [name, share, bar] = ['name', 'share', 'bar'].map((kind) => {
    const part = document.createElement('span');
    part.className = kind;
    item.append(part);
    return part;
  });
  item.hidden = true;
  return { item, name, share, bar };
}

function showRows(rows, top) {
  rows.forEach(({ item, name, share, bar }, i) => {
    item.hidden = i >= top.length;
    if (item.hidden) return;
    const { probability } = top[i];
    setText(name, toTitle(top[i].label));
    setText(share, `${percent(probability)} %`);
    bar.style.setProperty('--share', probability.toFixed(3));
  });
}

/** Draws the pixels unscaled; the style sheet enlarges the canvas. */
function drawPixels(canvas, { pixels, model: { imageSize } }) {
  if (canvas.width !== imageSize || canvas.height !== imageSize) {
    canvas.width = imageSize;
    canvas.height = imageSize;
  }
  const image = new ImageData(imageSize, imageSize);
  for (let i = 0, j = 0; i < pixels.length; j += 4) {
    image.data[j] = pixels[i++];
    image.data[j + 1] = pixels[i++];
    image.data[j + 2] = pixels[i++];
    image.data[j + 3] = 255;
  }
  canvas.getContext('2d').putImageData(image, 0, 0);
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
