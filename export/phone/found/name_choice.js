// Chooses a name from a list with a search, or takes a new one.

import { className, textFor } from '../ui/format_text.js';
import { cleanName, matching, spelling } from './rules.js';

const MOST = 100; // names that are listed at once

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {(name: string) => void} choose
 * @returns {{show: (names: string[], current: string) => void}}
 */
export function makeNameChoice(find, choose) {
  const search = find('found-search');
  let names = [];
  let current = '';

  const typed = () => cleanName(search.value);
  /** The name in the list that people would take for the one typed. */
  const same = () =>
    names.find((name) => spelling(name) === spelling(typed()));

  const list = () => {
    const hits = matching(names, typed());
    const buttons = hits.slice(0, MOST).map((name) => {
      const item = document.createElement('li');
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = className(name);
      if (name === current) button.setAttribute('aria-current', 'true');
      button.addEventListener('click', () => choose(name));
      item.append(button);
      return item;
    });
    find('found-names').replaceChildren(...buttons);
    const isNew = typed() !== '' && same() === undefined;
    find('found-new').hidden = !isNew;
    if (isNew) {
      find('found-new').textContent = textFor('foundNew', { name: typed() });
    }
    const rest = hits.length - MOST;
    find('found-more').hidden = rest <= 0;
    find('found-more').textContent = textFor('foundMore', { count: rest });
  };

  search.addEventListener('input', list);
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || typed() === '') return;
    event.preventDefault();
    const [first] = find('found-names').querySelectorAll('button');
    if (same() !== undefined) choose(same());
    else if (first) first.focus();
    else choose(typed());
  });
  find('found-new').addEventListener('click', () => choose(typed()));

  return {
    show(next, label) {
      names = next;
      current = label;
      search.value = '';
      search.placeholder = textFor('foundSearch');
      list();
    },
  };
}
