// What is said of a result: the title of the answer, the hint below it, a line
// for screen readers, a line to share.

import { className, percent, textFor, toTitle, toWords } from '../ui/format_text.js';
import { canZoom } from './nearer.js';

/**
 * @typedef {object} Words
 * @property {"sure"|"coarser"|"unsure"|"unknown"} state
 * @property {string} title
 * @property {string} hint may be empty
 * @property {string} spoken
 * @property {string} shared the title, with its probability if it has one
 */

/**
 * @param {object} result of model/session.js, with `isStill`
 * @returns {Words}
 */
export function wordsOf(result) {
  const { isSure, isKnown = true, coarser } = result;
  if (!isKnown) return unknown(result);
  if (isSure) return sure(result.top[0]);
  return coarser ? onlyCoarser(result) : unsure(result);
}

function sure({ label, probability }) {
  const values = { name: className(label), percent: percent(probability) };
  return {
    state: 'sure',
    title: values.name,
    hint: '',
    spoken: textFor('announceSure', values),
    shared: textFor('resultLine', values),
  };
}

function unknown({ top }) {
  const name = className(top[0].label);
  const title = textFor('unknown');
  return {
    state: 'unknown',
    title,
    hint: textFor('unknownHint', { name }),
    spoken: textFor('announceUnknown', { name }),
    shared: title,
  };
}

function onlyCoarser({ top, coarser }) {
  const values = {
    name: toTitle(coarser.name),
    percent: percent(coarser.probability),
  };
  const names = { level: toWords(coarser.level), name: className(top[0].label) };
  const hint = textFor('coarserHint', names);
  return {
    state: 'coarser',
    title: values.name,
    hint,
    spoken: `${textFor('announceSure', values)}. ${hint}`,
    shared: textFor('resultLine', values),
  };
}

function unsure(result) {
  const { top, set, isStill } = result;
  const [first, second] = top.map(({ label }) => className(label));
  const advice = canZoom(result) ? 'zoomIn' : '';
  const nearer = isStill ? advice : advice ? 'comeOrZoom' : 'comeCloser';
  const perhaps = textFor('perhaps', { name: first });
  const hint =
    set?.length === 2
      ? textFor('perhapsTwo', { first, second })
      : nearer
        ? `${perhaps} ${textFor(nearer)}`
        : perhaps;
  const title = textFor('notSure');
  return {
    state: 'unsure',
    title,
    hint,
    spoken: textFor('announceNotSure', { name: first }),
    shared: title,
  };
}
