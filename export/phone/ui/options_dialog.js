// The dialog with the options, and with facts about the model and the app.

import { persistenceText } from '../found/persistence.js';
import { connectDialog } from './dialogs.js';
import { textFor } from './format_text.js';
import { modelFacts, showFacts } from './model_facts.js';
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
    find('stored').textContent = textFor(await persistenceText());
    const shown = await version();
    const facts = shown ? [['aboutVersion', shown]] : [];
    showFacts(find('about'), [...modelFacts(model()), ...facts]);
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
