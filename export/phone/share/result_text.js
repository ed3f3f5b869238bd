// A result as text.

import { className, percent, textFor } from '../ui/format_text.js';

/** The result in one line. */
export function resultText({ top, isSure, model }) {
  const list = top
    .map(({ label, probability }, i) =>
      textFor('resultLine', {
        name: className(label),
        percent: percent(probability),
      }),
    )
    .join(', ');
  const text = isSure ? list : textFor('resultNotSure', { list });
  return textFor('resultFrom', { list: text, model: model.name });
}
