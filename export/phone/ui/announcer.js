// Gives the answer to screen readers: once it has stayed the same for a while,
// and again only after it has changed or `reset` was called.

import { wordsOf } from '../unsure/words.js';

const DELAY = 1000; // milliseconds

/**
 * @param {HTMLElement} region with `role="status"`
 * @returns {{announce: (result: object, now: number, atOnce: boolean) => void,
 *   reset: () => void}}
 */
export function makeAnnouncer(region) {
  let candidate = null;
  let since = 0;
  let announcedKey = null;
  const announce = (result, now, atOnce) => {
    const { state, title, spoken } = wordsOf(result);
    // Of a still picture each word may be new, as after an answer of the user.
    const key = atOnce ? spoken : `${state} ${title}`;
    if (key !== candidate) {
      candidate = key;
      since = now;
    }
    if (key === announcedKey || (!atOnce && now - since < DELAY)) return;
    announcedKey = key;
    region.textContent = spoken;
  };
  const reset = () => {
    candidate = null;
    announcedKey = null;
    region.textContent = '';
  };
  return { announce, reset };
}
