// Messages to the user: a problem covers the picture until it is closed, a
// toast (toast.js) is one line that disappears.

import { asProblem } from '../kerasfg/problem.js';
import { problemText, textFor } from './format_text.js';
import { makeToast } from './toast.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @returns {{problem: (error: Error, kind: string,
 *   action: {key: string, run: () => void}) => void, clear: () => void,
 *   toast: (key: string, options?: object) => void}} `toast` is that of
 *   toast.js
 */
export function makeNotices(find) {
  const box = find('problem');
  let action = null;
  let focused = null; // the element that had the focus before

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
    toast: makeToast(find),
  };
}
