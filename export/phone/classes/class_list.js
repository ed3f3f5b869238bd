// A list of classes, which grows as one scrolls: there may be thousands.

import { attributeTexts, className, listOf, textFor } from '../ui/format_text.js';
import { currentLanguage } from '../ui/texts.js';
import { factsOf } from './known_classes.js';

const PART = 40; // rows

/** The labels of a model, in the order of their names. */
export function sortedLabels(model) {
  const { compare } = new Intl.Collator(currentLanguage(), { numeric: true });
  return model.labels
    .map((label) => [className(label), label])
    .sort(([a], [b]) => compare(a, b))
    .map(([, label]) => label);
}

/** The labels whose name has a text in it, whatever its accents and case. */
export function matching(labels, text) {
  const wanted = plain(text);
  return labels.filter((label) => plain(className(label)).includes(wanted));
}

function plain(text) {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim();
}

/**
 * @param {HTMLElement} list
 * @param {(label: string) => void} onTry called when an example is tapped
 * @returns {{show: (model: object, labels: string[]) => void}}
 */
export function makeClassList(list, onTry) {
  let model = null;
  let waiting = [];

  const more = () => {
    const rows = waiting.splice(0, PART);
    list.append(...rows.map((label) => makeRow(model, label, onTry)));
    observer.disconnect();
    if (waiting.length > 0) observer.observe(list.lastElementChild);
  };

  const observer = new IntersectionObserver(
    (entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) more();
    },
    { rootMargin: '400px' },
  );

  return {
    show(shown, labels) {
      model = shown;
      waiting = [...labels];
      list.replaceChildren();
      more();
    },
  };
}

/** A button with the example picture of a class. */
export function exampleButton(model, label, onTry) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'example';
  const image = document.createElement('img');
  image.alt = textFor('tryExample', { name: className(label) });
  image.loading = 'lazy';
  image.decoding = 'async';
  image.src = factsOf(model, label).example;
  button.append(image);
  button.addEventListener('click', () => onTry(label));
  return button;
}

function makeRow(model, label, onTry) {
  const row = document.createElement('li');
  const { example, confusedWith } = factsOf(model, label);
  if (example) row.append(exampleButton(model, label, onTry));
  const words = document.createElement('div');
  words.append(element('h3', className(label)));
  const attributes = Object.hasOwn(model.attributes, label)
    ? attributeTexts(model.attributes[label])
    : [];
  if (attributes.length > 0) words.append(element('p', attributes.join(' · ')));
  if (confusedWith.length > 0) {
    const list = listOf(confusedWith.map(className));
    words.append(element('p', textFor('confusedWith', { list })));
  }
  row.append(words);
  return row;
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
