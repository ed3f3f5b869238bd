// Asks about a still picture what would tell its classes apart: a button for
// each answer. What was answered can be undone.

import { textFor, toTitle } from '../ui/format_text.js';
import { makeAsking } from './asking.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {(result: object) => void} onResult called with the result after a
 *   reply
 * @returns {{show: (result: object) => object, hide: () => void}} `show` takes
 *   the result of a still picture and returns it as it is after the replies
 *   that were given before, if it is the same picture still
 */
export function makeQuestionPanel(find, onResult) {
  const [box, text, options] = ['', '-text', '-options'].map((part) =>
    find(`question${part}`),
  );
  let asking = null;
  let drawn = '';

  const show = (result) => {
    if (!asking?.take(result)) asking = makeAsking(result);
    draw();
    return asking.result();
  };

  const hide = () => {
    // Whoever is in it must not be left nowhere.
    if (box.contains(document.activeElement)) find('freeze').focus();
    box.hidden = true;
    delete find('panel').dataset.asking;
    drawn = '';
  };

  const draw = () => {
    const question = asking.question();
    const replies = asking.replies();
    if (!question && replies.length === 0) return hide();
    const said = replies.map(spoken).join(' · ');
    const title = question?.text ?? said;
    const names = question?.options ?? [];
    const key = JSON.stringify([title, names, said]);
    box.hidden = false;
    find('panel').toggleAttribute('data-asking', Boolean(question));
    if (key === drawn) return;
    drawn = key;
    text.textContent = title;
    options.replaceChildren(
      ...names.map((name, i) => button(toTitle(name), () => reply(i))),
      ...(question ? [button(textFor('dontKnow'), () => reply(null))] : []),
      ...(said ? [button(textFor('questionUndo'), undo)] : []),
    );
  };

  const reply = (option) => {
    asking.reply(option);
    changed();
  };
  const undo = () => {
    asking.undo();
    changed();
  };
  const changed = () => {
    draw();
    text.focus(); // the button is gone
    onResult(asking.result());
  };

  return { show, hide };
}

function spoken({ question, answer }) {
  const said = answer === null ? textFor('dontKnow') : answer;
  const name = question.replace(/\?$/, '');
  return textFor('attribute', { name, value: said });
}

function button(text, onClick) {
  const element = document.createElement('button');
  element.type = 'button';
  element.textContent = text;
  element.addEventListener('click', onClick);
  return element;
}
