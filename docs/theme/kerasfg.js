// What a keyboard and a screen reader need and the theme lacks.
function mend() {
  // Wide tables scroll by themselves: the keyboard must reach them.
  const tables = '.md-typeset__scrollwrap:not([tabindex])';
  for (const table of document.querySelectorAll(tables)) {
    table.tabIndex = 0;
    table.setAttribute('role', 'group');
    table.setAttribute('aria-label', 'Table');
  }
  // The corner of a table is no heading.
  for (const corner of document.querySelectorAll('th:empty')) {
    corner.replaceWith(document.createElement('td'));
  }
  // The button that copies code is no navigation.
  for (const nav of document.querySelectorAll('nav.md-code__nav')) {
    nav.setAttribute('role', 'presentation');
  }
}
new MutationObserver(mend).observe(document.documentElement, {
  childList: true,
  subtree: true,
});
