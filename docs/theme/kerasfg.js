// Wide tables scroll by themselves: the keyboard must reach them, too.
new MutationObserver(() => {
  for (const table of document.querySelectorAll(
    '.md-typeset__scrollwrap:not([tabindex])',
  )) {
    table.tabIndex = 0;
    table.setAttribute('role', 'group');
    table.setAttribute('aria-label', 'Table');
  }
}).observe(document.documentElement, { childList: true, subtree: true });
