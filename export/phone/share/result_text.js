// A result as text.

import { appTitle } from '../ui/about.js';
import { className, percent, textFor } from '../ui/format_text.js';

/** The result in one line. */
export function resultText({ top, isSure }) {
  const list = top
    .map(({ label, probability }) =>
      textFor('resultLine', {
        name: className(label),
        percent: percent(probability),
      }),
    )
    .join(', ');
  const text = isSure ? list : textFor('resultNotSure', { list });
  return textFor('resultFrom', { list: text, title: appTitle() });
}
