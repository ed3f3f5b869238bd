// The facts in the options: which model runs, and which version of the app.

import { percent, say } from './say.js';

/**
 * @param {HTMLElement} list a `dl`
 * @param {object|null} model
 * @param {string|null} version of the app
 */
export function showAbout(list, model, version) {
  const facts = [];
  if (model) {
    const { name, file, classNames, imageSize, threshold } = model;
    const values = { classes: classNames.length, size: imageSize };
    facts.push(
      ['aboutModel', name],
      ['aboutFile', file],
      ['aboutClasses', say('modelFacts', values)],
      ['aboutSelfTest', say('aboutPassed')],
    );
    if (threshold !== null) {
      facts.push(['aboutThreshold', `${percent(threshold)} %`]);
    }
  }
  if (version) facts.push(['aboutVersion', version]);
  list.replaceChildren(
    ...facts.flatMap(([key, value]) => [
      element('dt', say(key)),
      element('dd', value),
    ]),
  );
}

function element(kind, text) {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}
