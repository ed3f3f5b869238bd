// The switch to remember where something was kept. The browser's own question
// comes when it is switched on, not later.

import { textFor } from '../ui/format_text.js';
import { findPlace, isPlaceDenied } from './place.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {object} settings
 */
export function connectPlaceSwitch(find, settings) {
  const button = find('found-place');
  let said = 'placeHint';
  const say = (key) => {
    said = key;
    find('found-place-hint').textContent = textFor(key);
  };
  const turn = (isOn, key) => {
    settings.set('place', isOn);
    button.checked = isOn;
    say(key);
  };

  button.checked = settings.get('place');
  say('placeHint');
  find('open-found').addEventListener('click', async () => {
    say(said); // the page may have another language now
    if (settings.get('place') && (await isPlaceDenied())) {
      turn(false, 'placeDenied');
    }
  });
  button.addEventListener('change', async () => {
    turn(button.checked, 'placeHint');
    if (!button.checked) return;
    try {
      await findPlace();
    } catch ({ key }) {
      if (key === 'placeDenied') turn(false, key);
      else say(key); // it may be known next time
    }
  });
}
