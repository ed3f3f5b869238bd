// One line that tells what has happened and disappears, with a button to undo
// it or go on.

import { textFor } from './format_text.js';

const TIME = 4000; // milliseconds
const TIME_TO_ACT = 10_000;

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @returns {(key: string, options?: {values?: object,
 *   action?: {key: string, run: () => void}}) => void} shows the text of a key,
 *   its gaps filled with `values`, and a button
 */
export function makeToast(find) {
  const toast = find('toast');
  const button = find('toast-action');
  let timer = 0;
  let time = TIME;
  let run = null;

  const hide = () => {
    const hadFocus = toast.contains(document.activeElement);
    toast.classList.remove('on');
    find('toast-text').textContent = '';
    button.hidden = true;
    run = null;
    if (hadFocus) focusNear(toast, find);
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(hide, time);
  };
  const stay = () => clearTimeout(timer);

  button.addEventListener('click', () => {
    const chosen = run;
    stay();
    hide();
    chosen?.();
  });
  // Nobody has to hurry.
  toast.addEventListener('focusin', stay);
  toast.addEventListener('focusout', wait);
  toast.addEventListener('pointerenter', stay);
  toast.addEventListener('pointerleave', wait);

  return (key, { values, action } = {}) => {
    placeOnTop(toast);
    find('toast-text').textContent = textFor(key, values);
    run = action?.run ?? null;
    button.hidden = !action;
    if (action) button.textContent = textFor(action.key);
    toast.classList.add('on');
    time = action ? TIME_TO_ACT : TIME;
    wait();
  };
}

/** What is outside of the uppermost dialog can be neither seen nor used. */
function placeOnTop(toast) {
  const dialog = [...document.querySelectorAll('dialog[open]')].at(-1);
  const place = dialog ?? document.body;
  if (toast.parentNode === place) return;
  place.append(toast);
  dialog?.addEventListener('close', () => document.body.append(toast), {
    once: true,
  });
}

function focusNear(toast, find) {
  const place = toast.closest('dialog') ?? find('main');
  place.querySelector('button:not([disabled], [hidden])')?.focus();
}
