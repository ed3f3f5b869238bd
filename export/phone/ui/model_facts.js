// Facts about a model, as a list of terms and values.

import {
  countText,
  metresText,
  percentText,
  textFor,
} from './format_text.js';

const RIGHT = 0.8; // the share of right names that its reach is told for
const ZOOM = 3;

/** `[[key of a text, value], ...]` of a model, or of none. */
export function modelFacts(model) {
  if (!model) return [];
  const { name, file, labels, imageSize } = model;
  const facts = [
    ['aboutModel', name],
    ['aboutFile', file],
    ['aboutClasses', countText(labels.length)],
    ['aboutInput', textFor('inputSize', { size: imageSize })],
    ['aboutSelfTest', textFor('aboutPassed')],
  ];
  const thresholds = thresholdsOf(model);
  if (thresholds) facts.push(['aboutThreshold', thresholds]);
  const reach = reachText(model);
  if (reach) facts.push(['aboutReach', reach]);
  return facts;
}

/** `80% right up to 6.9 m; 21 m with 3× zoom`; null where it is not known. */
function reachText(model) {
  const reach = model.reach({ right: RIGHT });
  if (reach === undefined) return null;
  const right = percentText(RIGHT);
  if (reach === null) return textFor('reachNowhere', { right });
  const zoomed = metresText(model.reach({ right: RIGHT, zoom: ZOOM }).metres);
  const key = reach.isLimit ? 'reachUpTo' : 'reachAtLeast';
  const metres = metresText(reach.metres);
  return textFor(key, { right, metres, zoomed, zoom: countText(ZOOM) });
}

/** `60%`, or `36% to 80%` where each class has its own; null without one. */
function thresholdsOf({ threshold, classThresholds }) {
  const all = (classThresholds ?? [threshold]).filter((x) => x !== null);
  if (all.length === 0) return null;
  const [from, to] = [Math.min, Math.max].map((of) =>
    all.reduce((a, b) => of(a, b)),
  );
  if (percentText(from) === percentText(to)) return percentText(to);
  return textFor('aboutFromTo', { from: percentText(from), to: percentText(to) });
}

/** Shows facts in a `<dl>`. */
export function showFacts(list, facts) {
  list.replaceChildren(
    ...facts.flatMap(([key, value]) => [
      textElement('dt', textFor(key)),
      textElement('dd', value),
    ]),
  );
}

/** An element with a text, and perhaps a class of the style sheet. */
export function textElement(tag, text, style = '') {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = style;
  return element;
}
