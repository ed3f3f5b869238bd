// Shows how much of the first model and of its runtime is there.

import { decimal, textFor } from '../ui/format_text.js';

const MEGABYTE = 1e6;

/**
 * @param {HTMLProgressElement} bar
 * @param {HTMLElement} text beside it
 * @returns {{show: (loaded: number, total: number) => void, hide: () => void}}
 */
export function makeLoadingBar(bar, text) {
  const megabytes = (bytes) => decimal(bytes / MEGABYTE);
  return {
    show(loaded, total) {
      bar.max = total;
      bar.value = loaded;
      text.textContent = textFor('loadingBytes', {
        loaded: megabytes(loaded),
        total: megabytes(total),
      });
      bar.parentElement.hidden = false;
    },
    hide() {
      bar.parentElement.hidden = true;
    },
  };
}
