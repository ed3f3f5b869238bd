// How the texts of texts.js come to the page.

import { LANGUAGE, TEXTS } from './texts.js';

/**
 * Gives a text with its gaps filled.
 *
 * @param {string} key of TEXTS
 * @param {Object<string, string|number>} values of the gaps
 * @returns {string}
 */
export function say(key, values = {}) {
  if (!Object.hasOwn(TEXTS, key)) throw new RangeError(`No text ${key}`);
  return TEXTS[key].replace(/\{(\w+)\}/g, (gap, name) =>
    Object.hasOwn(values, name) ? String(values[name]) : gap,
  );
}

/** A class or attribute as people write it: `lily_valley` → `Lily valley`. */
export function title(name) {
  const words = plain(name);
  return words.charAt(0).toLocaleUpperCase(LANGUAGE) + words.slice(1);
}

/** The same within a sentence. */
export function plain(name) {
  return String(name).replace(/_+/g, ' ').trim() || String(name);
}

/**
 * What a class is like, as people say it: `{wing_bar: 'yes', bill: 'long',
 * crest: 'no'}` → `['wing bar', 'bill: long']`. What it is not is left out.
 */
export function attributeTexts(row) {
  return Object.entries(row)
    .filter(([, value]) => value !== 'no')
    .map(([attribute, value]) => {
      const name = plain(attribute);
      if (value === 'yes') return name;
      return say('attribute', { name, value: plain(value) });
    });
}

/** A probability in whole percent. */
export function percent(probability) {
  return Math.round(probability * 100);
}

/** A time for people. */
export function duration(milliseconds) {
  return milliseconds < 10
    ? `${milliseconds.toFixed(1)} ms`
    : `${Math.round(milliseconds)} ms`;
}

/** Fills the elements that say which text they show. */
export function fillTexts(root) {
  root.documentElement.lang = LANGUAGE;
  for (const element of root.querySelectorAll('[data-text]')) {
    element.textContent = say(element.dataset.text);
  }
  for (const element of root.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', say(element.dataset.label));
  }
}
