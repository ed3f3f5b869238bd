// Reads the answer to those who do not see it: once it has stayed for a while,
// and not again until it changes or something else is looked at.

import { percent, plain, say, title } from './say.js';

const STAYS = 1000;

/**
 * @param {HTMLElement} region with `role="status"`
 * @returns {{hear: (result: object, now: number, atOnce: boolean) => void,
 *   reset: () => void}}
 */
export function makeAnnouncer(region) {
  let candidate = null;
  let since = 0;
  let announced = null;
  const hear = (result, now, atOnce) => {
    const { top, sure } = result;
    const key = sure ? `sure ${top[0].name}` : 'unsure';
    if (key !== candidate) {
      candidate = key;
      since = now;
    }
    if (key === announced || (!atOnce && now - since < STAYS)) return;
    announced = key;
    region.textContent = sentence(top[0], sure);
  };
  const reset = () => {
    candidate = null;
    announced = null;
    region.textContent = '';
  };
  return { hear, reset };
}

function sentence({ name, probability }, sure) {
  return sure
    ? say('announceSure', { name: title(name), percent: percent(probability) })
    : say('announceNotSure', { name: plain(name) });
}
