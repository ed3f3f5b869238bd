// Shows a result: the answer, three classes, the network's input pixels.

import {
  attributeTexts,
  className,
  duration,
  percentText,
  textFor,
} from './format_text.js';
import { pixelImage } from '../model/pixel_image.js';
import { modelFacts, showFacts, textElement } from './model_facts.js';
import { wordsOf } from '../unsure/words.js';

const ROWS = 3;
// Milliseconds between two changes: faster ones could not be read.
const MIN_INTERVAL = 120;

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @returns {{use: (model: object) => void, show: (result: object, now: number, atOnce: boolean) => void,
 *   clear: (answer: string, hint: string) => void}}
 */
export function makeResultPanel(find) {
  const rows = Array.from({ length: ROWS }, makeRow);
  find('top').append(...rows.map(({ item }) => item));
  let shown = -Infinity;

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
    drawAmbient(find('ambient'), find('pixels'));
    if (!atOnce && now - shown < MIN_INTERVAL) return;
    shown = now;
    showAnswer(find, result);
    showRows(rows, result.top);
    const { imageSize: size } = result.model;
    const time = duration(result.medianMilliseconds);
    setText(find('facts'), textFor('facts', { size, time }));
  };
  const use = (model) => {
    keepRoom(find, rows, model);
    showFacts(find('model-facts'), modelFacts(model));
  };
  return { use, show, clear };
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
  list.replaceChildren(...texts.map((text) => textElement('li', text)));
}

/**
 * Keeps the room of the longest answers of a model, sure and not sure, so that
 * nothing moves when the answer changes. The style sheet hides them.
 */
function keepRoom(find, rows, { labels, attributes }) {
  const texts = (label) => attributeTexts(attributes[label] ?? {}).join('  ');
  const name = longest(labels, className);
  const sure = new Set([name, longest(labels, texts)]);
  sure.add(longest(labels, (label) => className(label).repeat(2) + texts(label)));
  const shown = className(name);
  const perhaps = textFor('perhaps', { name: shown });
  const hints = [
    `${perhaps} ${textFor('comeCloser')}`,
    textFor('perhapsTwo', { first: shown, second: shown }),
    textFor('unknownHint', { name: shown }),
  ];
  const rooms = [...sure].map((label) => roomOf(label, attributes[label]));
  find('room').replaceChildren(...rooms, ...hints.map(unsureRoom));
  rows.forEach(({ item }, i) => {
    item.dataset.room = className(name);
    item.classList.toggle('absent', i >= labels.length);
  });
}

function unsureRoom(hint) {
  const room = textElement('div', '');
  room.append(textElement('p', textFor('notSure'), 'title'));
  room.append(textElement('p', hint, 'hint'));
  return room;
}

function roomOf(label, attributes = {}) {
  const room = textElement('div', '');
  const items = attributeTexts(attributes).map((x) => textElement('li', x));
  const list = textElement('ul', '', 'attributes');
  list.append(...items);
  room.append(textElement('p', className(label), 'title'));
  if (items.length > 0) room.append(list);
  return room;
}

/** The first of those whose text is the longest. */
function longest(values, textOf) {
  const lengths = values.map((value) => textOf(value).length);
  return values[lengths.indexOf(Math.max(...lengths))];
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
    setText(name, className(top[i].label));
    setText(share, percentText(probability));
    bar.style.setProperty('--share', probability.toFixed(3));
  });
}

/** Draws the pixels unscaled; the style sheet enlarges the canvas. */
function drawPixels(canvas, { pixels, model: { imageSize } }) {
  if (canvas.width !== imageSize || canvas.height !== imageSize) {
    canvas.width = imageSize;
    canvas.height = imageSize;
    canvas.parentElement.style.setProperty('--size', String(imageSize));
  }
  const image = pixelImage(pixels, imageSize);
  canvas.getContext('2d').putImageData(image, 0, 0);
}

/** Draws the pixels on a few, which the style sheet spreads over the screen. */
function drawAmbient(canvas, pixels) {
  const { width, height } = canvas;
  canvas.getContext('2d').drawImage(pixels, 0, 0, width, height);
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
