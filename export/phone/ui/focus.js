// Keeps the focus on the page: when the focused button is hidden, disabled or
// gone, the focus would fall to the body, and the keyboard start at the top.

const PATIENCE = 200; // milliseconds: a button may be back at once

/**
 * @param {Document} document
 * @param {string[]} others ids of what takes the focus, the first that can
 */
export function keepFocus(document, others) {
  let last = null;
  let timer = 0;
  const isLost = () =>
    last && [document.body, null, last].includes(document.activeElement);
  const mend = () => {
    timer = 0;
    if (!isLost() || document.querySelector('dialog[open]')) return;
    const ways = [last, ...others.map((id) => document.getElementById(id))];
    const next = ways.find(takesFocus);
    if (next && next !== document.activeElement) {
      next.focus({ preventScroll: true });
    }
  };
  const check = () => {
    if (timer || !last || takesFocus(last)) return;
    timer = setTimeout(mend, PATIENCE);
  };
  document.addEventListener('focusin', ({ target }) => (last = target));
  document.addEventListener('pointerdown', ({ target }) => {
    // A tap beside everything takes the focus away on purpose.
    if (!target.closest('button, input, summary, a, label')) last = null;
  });
  new MutationObserver(check).observe(document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ['hidden', 'disabled', 'data-phase', 'open'],
  });
}

function takesFocus(element) {
  return Boolean(
    element?.isConnected &&
      !element.disabled &&
      (element.checkVisibility?.() ?? true), // Safari has it since 17.4
  );
}
