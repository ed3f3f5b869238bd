// Messages to the user: a problem covers the picture until it is closed, a
// toast is one line that disappears.

import { asProblem } from '../kerasfg/problem.js';
import { problemText, textFor } from './format_text.js';

const TOAST_TIME = 4000; // milliseconds

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @returns {{problem: (error: Error, kind: string,
 *   action: {key: string, run: () => void}) => void, clear: () => void,
 *   toast: (key: string) => void}}
 */
export function makeNotices(find) {
  const box = find('problem');
  let action = null;
  let focused = null; // the element that had the focus before
  let timer = 0;

  const clear = () => {
    const hadFocus = box.contains(document.activeElement);
    box.hidden = true;
    if (hadFocus) focused?.focus();
    action = null;
    focused = null;
  };

  find('problem-close').addEventListener('click', clear);
  find('problem-action').addEventListener('click', () => {
    const { run } = action;
    clear();
    run();
  });

  return {
    clear,
    /** `kind` is camera, model, picture or storage. */
    problem(error, kind, next) {
      const shown = asProblem(error, 'unexpected');
      action = next;
      focused ??= document.activeElement;
      find('problem-title').textContent = textFor(`${kind}Title`);
      find('problem-text').textContent = problemText(shown);
      find('problem-action').textContent = textFor(next.key);
      box.dataset.problem = shown.key;
      box.hidden = false;
      box.focus();
    },
    toast(key) {
      const toast = find('toast');
      toast.textContent = textFor(key);
      toast.classList.add('on');
      clearTimeout(timer);
      timer = setTimeout(() => {
        toast.classList.remove('on');
        toast.textContent = '';
      }, TOAST_TIME);
    },
  };
}
