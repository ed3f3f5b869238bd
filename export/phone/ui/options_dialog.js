// The dialog with the options, and with facts about the model and the app.

import { connectDialog } from './dialogs.js';
import { modelFacts, showFacts } from './model_facts.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{settings: object, model: () => object|null,
 *   version: () => Promise<string|null>}} page its settings, the model in use,
 *   and the version of the app
 */
export function connectOptionsDialog(find, { settings, model, version }) {
  connectDialog(find('open-options'), find('options'), async () => {
    find('smooth').checked = settings.get('smooth');
    const shown = await version();
    const facts = shown ? [['aboutVersion', shown]] : [];
    showFacts(find('about'), [...modelFacts(model()), ...facts]);
  });
  find('smooth').addEventListener('change', ({ target }) => {
    settings.set('smooth', target.checked);
  });
}
