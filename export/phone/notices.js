// What went wrong, in words: a card over the picture, or a line that goes.

import { asProblem } from './problem.js';
import { say } from './say.js';

const TOAST = 4000;

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @returns {{problem: (error: Error, kind: string,
 *   action: {key: string, run: () => void}) => void, clear: () => void,
 *   toast: (key: string) => void}}
 */
export function makeNotices(find) {
  const card = find('problem');
  let action = null;
  let before = null; // what had the focus
  let timer = 0;

  const clear = () => {
    const hadFocus = card.contains(document.activeElement);
    card.hidden = true;
    if (hadFocus) before?.focus();
    action = null;
    before = null;
  };

  find('problem-close').addEventListener('click', clear);
  find('problem-action').addEventListener('click', () => {
    const { run } = action;
    clear();
    run();
  });

  return {
    clear,
    /** `kind` is camera, model or picture. */
    problem(error, kind, next) {
      const { key, values } = asProblem(error, 'unexpected');
      action = next;
      before ??= document.activeElement;
      find('problem-title').textContent = say(`${kind}Title`);
      find('problem-text').textContent = say(key, values);
      find('problem-action').textContent = say(next.key);
      card.dataset.problem = key;
      card.hidden = false;
      card.focus({ preventScroll: true });
    },
    toast(key) {
      const toast = find('toast');
      toast.textContent = say(key);
      toast.classList.add('on');
      clearTimeout(timer);
      timer = setTimeout(() => {
        toast.classList.remove('on');
        toast.textContent = '';
      }, TOAST);
    },
  };
}
