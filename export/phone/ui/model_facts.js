// Facts about a model, as a list of terms and values.

import { countText, percentText, textFor } from './format_text.js';

/** `[[key of a text, value], ...]` of a model, or of none. */
export function modelFacts(model) {
  if (!model) return [];
  const { name, file, labels, imageSize, threshold } = model;
  const values = { classes: countText(labels.length), size: imageSize };
  const facts = [
    ['aboutModel', name],
    ['aboutFile', file],
    ['aboutClasses', textFor('modelFacts', values)],
    ['aboutSelfTest', textFor('aboutPassed')],
  ];
  if (threshold !== null) {
    facts.push(['aboutThreshold', percentText(threshold)]);
  }
  return facts;
}

/** Shows facts in a `<dl>`. */
export function showFacts(list, facts) {
  list.replaceChildren(
    ...facts.flatMap(([key, value]) => [
      textElement('dt', textFor(key)),
      textElement('dd', value),
    ]),
  );
}

/** An element with a text, and perhaps a class of the style sheet. */
export function textElement(tag, text, style = '') {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = style;
  return element;
}
