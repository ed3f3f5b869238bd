// Shows what the model thinks: the answer, three classes, the pixels.

import {
  attributeTexts,
  duration,
  percent,
  plain,
  say,
  title,
} from './say.js';

const ROWS = 3;
// Numbers that change faster cannot be read.
const PACE = 120;
// Attributes that go into one line of a narrow screen.
const FEW = 2;

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @returns {{show: (result: object, now: number, atOnce: boolean) => void,
 *   clear: (answer: string, hint: string) => void}}
 */
export function makePanel(find) {
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
    if (!atOnce && now - shown < PACE) return;
    shown = now;
    if (result.model !== model) {
      model = result.model;
      find('panel').dataset.attributes = amount(model.classAttributes);
    }
    showAnswer(find, result);
    showRows(rows, result.top);
    const { imageSize } = result.model;
    setText(
      find('facts'),
      say('facts', { size: imageSize, time: duration(result.usual) }),
    );
  };
  return { show, clear };
}

function showAnswer(find, { sure, top, model }) {
  const { name } = top[0];
  find('panel').dataset.state = sure ? 'sure' : 'unsure';
  setText(find('answer'), sure ? title(name) : say('notSure'));
  setText(find('hint'), sure ? '' : say('notSureHint', { name: plain(name) }));
  showAttributes(find('attributes'), sure ? name : null, model);
}

function showAttributes(list, name, { classAttributes }) {
  const known = name !== null && Object.hasOwn(classAttributes, name);
  const texts = known ? attributeTexts(classAttributes[name]) : [];
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

/** How much room the attributes take, the same for all classes. */
function amount(classAttributes) {
  const counts = Object.values(classAttributes).map(
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
    setText(name, title(top[i].name));
    setText(share, `${percent(probability)} %`);
    bar.style.setProperty('--share', probability.toFixed(3));
  });
}

/** Draws each pixel as one pixel; the style sheet makes them large. */
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
