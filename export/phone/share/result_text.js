// A result as text.

import { appTitle } from '../ui/about.js';
import { wordsOf } from '../unsure/words.js';
import { className, percent, textFor } from '../ui/format_text.js';

/** The result in one line. */
export function resultText(result) {
  const list = result.top
    .filter(({ probability }, i) => i === 0 || percent(probability) > 0)
    .map(({ label, probability }) =>
      textFor('resultLine', {
        name: className(label),
        percent: percent(probability),
      }),
    )
    .join(', ');
  const { state, shared, spoken } = wordsOf(result);
  const texts = { sure: list, unknown: spoken };
  const unsure = textFor('resultUnsure', { title: shared, list });
  const text = texts[state] ?? unsure;
  return textFor('resultFrom', { list: text, title: appTitle() });
}
