// Texts with their gaps filled, and names and numbers as people read them.

import { currentLanguage, rawText } from './texts.js';

/**
 * Returns a text with its gaps filled.
 *
 * @param {string} key of the files in languages/
 * @param {Object<string, string|number>} values of the gaps
 * @returns {string}
 */
export function textFor(key, values = {}) {
  const text = rawText(key);
  if (text === undefined) throw new RangeError(`No text ${key}`);
  return text.replace(/\{(\w+)\}/g, (gap, name) =>
    Object.hasOwn(values, name) ? String(values[name]) : gap,
  );
}

/** What a problem says to the user; an odd one in the library's own words. */
export function problemText({ key, values, message }) {
  return rawText(key) === undefined
    ? textFor('unexpected', { reason: message })
    : textFor(key, values);
}

/** A number with so many decimal places, at least and at most. */
export function decimal(number, least = 1, most = 1) {
  const options = { minimumFractionDigits: least, maximumFractionDigits: most };
  return new Intl.NumberFormat(currentLanguage(), options).format(number);
}

let classNames = {};

/**
 * Sets the names of classes in the language of the page.
 *
 * @param {Object<string, string>} names by label
 */
export function setClassNames(names) {
  classNames = names;
}

/**
 * The name of a class as people of this language write it: `lily_valley` →
 * `Lily valley`, `Maiglöckchen`. For a name of its own and within a sentence.
 */
export function className(label) {
  return Object.hasOwn(classNames, label) ? classNames[label] : toTitle(label);
}

/** The name of a class as a title: `lily_valley` → `Lily valley`. */
export function toTitle(name) {
  const words = toWords(name);
  return words.charAt(0).toLocaleUpperCase(currentLanguage()) + words.slice(1);
}

/** The name of a class within a sentence: `lily_valley` → `lily valley`. */
export function toWords(name) {
  return String(name).replace(/_+/g, ' ').trim() || String(name);
}

/**
 * The attributes of a class: `{wing_bar: 'yes', bill: 'long', crest: 'no'}` →
 * `['wing bar', 'bill: long']`. Attributes that it does not have are left out.
 */
export function attributeTexts(row) {
  return Object.entries(row)
    .filter(([, value]) => value !== 'no')
    .map(([attribute, value]) => {
      const name = toWords(attribute);
      if (value === 'yes') return name;
      return textFor('attribute', { name, value: toWords(value) });
    });
}

/** A list in a sentence: `a, b and c`. */
export function listOf(names) {
  return new Intl.ListFormat(currentLanguage()).format(names);
}

/** A number of things: `10,000`. */
export function countText(count) {
  return new Intl.NumberFormat(currentLanguage()).format(count);
}

/** A probability with its sign, as the language writes it: `87%`. */
export function percentText(probability) {
  const options = { style: 'percent', maximumFractionDigits: 0 };
  const format = new Intl.NumberFormat(currentLanguage(), options);
  return format.format(probability);
}

/** A probability in whole percent. */
export function percent(probability) {
  return Math.round(probability * 100);
}

/** A time with its unit: `31.4` → `31 ms`. */
export function duration(milliseconds) {
  const digits = milliseconds < 10 ? 1 : 0;
  return `${decimal(milliseconds, digits, digits)} ms`;
}

/** A distance: `6.94` → `6.9 m`, `13.6` → `14 m`. */
export function metresText(metres) {
  const digits = metres >= 9.95 ? 0 : metres >= 0.995 ? 1 : 2;
  const format = new Intl.NumberFormat(currentLanguage(), {
    style: 'unit',
    unit: 'meter',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(metres);
}

/** Fills every element that names its text by `data-text` or `data-label`. */
export function fillTexts(root) {
  root.documentElement.lang = currentLanguage();
  for (const element of root.querySelectorAll('[data-text]')) {
    element.textContent = textFor(element.dataset.text);
  }
  for (const element of root.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', textFor(element.dataset.label));
  }
}
