// The dialog with the options, and with facts about the model and the app.

import { connectDialog } from './dialogs.js';
import { percent, textFor } from './format_text.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{settings: object, model: () => object|null,
 *   version: () => Promise<string|null>}} page its settings, the model in use,
 *   and the version of the app
 */
export function connectOptionsDialog(find, { settings, model, version }) {
  connectDialog(find('open-options'), find('options'), async () => {
    find('smooth').checked = settings.get('smooth');
    showFacts(find('about'), model(), await version());
  });
  find('smooth').addEventListener('change', ({ target }) => {
    settings.set('smooth', target.checked);
  });
}

function showFacts(list, model, version) {
  const facts = [];
  if (model) {
    const { name, file, labels, imageSize } = model;
    const values = { classes: labels.length, size: imageSize };
    facts.push(
      ['aboutModel', name],
      ['aboutFile', file],
      ['aboutClasses', textFor('modelFacts', values)],
      ['aboutSelfTest', textFor('aboutPassed')],
    );
    const thresholds = thresholdsOf(model);
    if (thresholds) facts.push(['aboutThreshold', thresholds]);
  }
  if (version) facts.push(['aboutVersion', version]);
  list.replaceChildren(
    ...facts.flatMap(([key, value]) => [
      textElement('dt', textFor(key)),
      textElement('dd', value),
    ]),
  );
}

/** `60 %`, or `36 to 80 %` where each class has its own; null without one. */
function thresholdsOf({ threshold, classThresholds }) {
  const all = (classThresholds ?? [threshold]).filter((x) => x !== null);
  if (all.length === 0) return null;
  const [from, to] = [Math.min, Math.max].map((of) =>
    percent(all.reduce((a, b) => of(a, b))),
  );
  return from === to ? `${from} %` : textFor('aboutFromTo', { from, to });
}

function textElement(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
