// The dialog with the options, and with facts about the model and the app.

import { connectDialog } from './dialogs.js';
import { countText, percentText, textFor } from './format_text.js';
import { currentLanguage } from './texts.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{settings: object, model: () => object|null,
 *   version: () => Promise<string|null>, languages: string[],
 *   speak: (language: string) => Promise<void>}} page its settings, the model
 *   in use, the version of the app, its languages, and what changes to one
 */
export function connectOptionsDialog(find, page) {
  const { settings, model, version, languages, speak } = page;
  const fill = async () => {
    find('smooth').checked = settings.get('smooth');
    find('language').value = currentLanguage();
    showFacts(find('about'), model(), await version());
  };
  connectDialog(find('open-options'), find('options'), fill);
  find('language-row').hidden = languages.length < 2;
  find('language').append(...languages.map(languageOption));
  find('language').addEventListener('change', async ({ target }) => {
    await speak(target.value);
    await fill();
  });
  find('smooth').addEventListener('change', ({ target }) => {
    settings.set('smooth', target.checked);
  });
}

/** A language by its own name. */
function languageOption(language) {
  const option = document.createElement('option');
  const names = new Intl.DisplayNames(language, { type: 'language' });
  const name = names.of(language);
  option.value = language;
  option.lang = language;
  option.textContent = name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
  return option;
}

function showFacts(list, model, version) {
  const facts = [];
  if (model) {
    const { name, file, labels, imageSize, threshold } = model;
    const values = { classes: countText(labels.length), size: imageSize };
    facts.push(
      ['aboutModel', name],
      ['aboutFile', file],
      ['aboutClasses', textFor('modelFacts', values)],
      ['aboutSelfTest', textFor('aboutPassed')],
    );
    if (threshold !== null) {
      facts.push(['aboutThreshold', percentText(threshold)]);
    }
  }
  if (version) facts.push(['aboutVersion', version]);
  list.replaceChildren(
    ...facts.flatMap(([key, value]) => [
      textElement('dt', textFor(key)),
      textElement('dd', value),
    ]),
  );
}

function textElement(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
