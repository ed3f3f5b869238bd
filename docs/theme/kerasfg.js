// What a keyboard, a screen reader and a small screen need and the theme lacks.
function mend() {
  // A wide table or formula scrolls by itself: the keyboard must reach it.
  for (const formula of document.querySelectorAll(
    'math[display="block"]:not(.wide > *)',
  )) {
    const box = document.createElement('div');
    box.className = 'wide';
    formula.replaceWith(box);
    box.append(formula);
  }
  const boxes = ':is(.md-typeset__scrollwrap, .wide):not([tabindex])';
  for (const box of document.querySelectorAll(boxes)) {
    box.tabIndex = 0;
    box.setAttribute('role', 'group');
    const label = box.className === 'wide' ? 'Formula' : 'Table';
    box.setAttribute('aria-label', label);
  }
  // A line is not broken behind the hyphens of an option.
  const texts = '.md-typeset code:not(pre code, :has(*))';
  for (const code of document.querySelectorAll(texts)) {
    code.replaceChildren(...words(code.textContent));
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

function words(text) {
  return text.split(/(\s+)/).map((word) => {
    const piece = document.createElement('span');
    piece.className = /^\S{1,30}$/.test(word) ? 'word' : '';
    piece.textContent = word;
    return piece;
  });
}
new MutationObserver(mend).observe(document.documentElement, {
  childList: true,
  subtree: true,
});
