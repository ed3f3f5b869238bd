// Zooms and moves the picture: by the slider, by fingers, by keys.

import { onGestures } from './gestures.js';
import {
  bounded,
  MAX_ZOOM,
  sharesInFrame,
  WIDEST,
  zoomAbout,
} from './view.js';
import { decimal, textFor } from '../ui/format_text.js';

const IDLE = 2500; // milliseconds after which the slider disappears
const STEP = 0.1; // of the frame, by an arrow key
const FACTOR = 2 ** 0.25; // by + and -
const ARROWS = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{size: () => number[], model: () => object, isStill: () => boolean,
 *   onView: () => void}} page the size of the picture, what the model takes of
 *   it, and whether it may be moved: a live one is only zoomed
 * @returns {{view: () => {zoom: number, x: number, y: number},
 *   layOut: () => void, reset: () => void}} `layOut` passes the picture's place
 *   in its frame on to the style sheet
 */
export function makeZoom(find, { size, model, isStill, onView }) {
  const slider = find('zoom');
  const frame = find('frame');
  const idle = makeIdle(find('zoom-bar'));
  let view = WIDEST;
  slider.max = String(Math.log2(MAX_ZOOM));

  const bound = (wanted) => {
    const free = isStill() ? wanted : { ...WIDEST, zoom: wanted.zoom };
    return bounded(free, sharesInFrame(size(), model(), wanted.zoom));
  };
  const set = (next) => {
    view = next;
    const text = textFor('zoomValue', { zoom: decimal(view.zoom, 0) });
    slider.value = String(Math.log2(view.zoom));
    slider.setAttribute('aria-valuetext', text);
    find('zoom-value').textContent = text;
  };
  const change = (wanted) => {
    if (wanted.zoom !== view.zoom) idle.wake();
    const before = view;
    set(bound(wanted));
    if (Object.keys(view).some((key) => view[key] !== before[key])) onView();
  };
  const zoomTo = (zoom, point) => change(zoomAbout(view, zoom, point));
  const isMirrored = () => find('main').hasAttribute('data-mirror');

  /** Moves the frame over the picture by shares of the frame. */
  const move = (right, down) => {
    const { width, height } = sharesInFrame(size(), model(), view.zoom);
    const x = view.x + (isMirrored() ? -right : right) * width;
    change({ ...view, x, y: view.y + down * height });
  };
  const drag = (from, to) => {
    const { width, height } = frame.getBoundingClientRect();
    move((from.x - to.x) / width, (from.y - to.y) / height);
  };
  const pointAt = (point) => {
    const box = frame.getBoundingClientRect();
    const shares = sharesInFrame(size(), model(), view.zoom);
    const right = (point.x - box.x) / box.width - 0.5;
    const down = (point.y - box.y) / box.height - 0.5;
    return {
      x: view.x + (isMirrored() ? -right : right) * shares.width,
      y: view.y + down * shares.height,
    };
  };

  let before = 1; // zoom when two fingers were laid on
  onGestures(find('stage'), {
    move: drag,
    pinchStart: () => (before = view.zoom),
    pinch: (from, to, scale) => {
      drag(from, to);
      zoomTo(before * scale, pointAt(to));
    },
    doubleTap: (point) => {
      if (find('main').dataset.phase === 'start') return;
      zoomTo(view.zoom > 1 ? 1 : 2, pointAt(point));
    },
  });
  slider.addEventListener('input', () => zoomTo(2 ** slider.valueAsNumber));
  find('zoom-value').addEventListener('click', idle.wake);
  frame.addEventListener('keydown', (event) => {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey) return; // the browser's own zoom
    if (Object.hasOwn(ARROWS, key)) move(...ARROWS[key]);
    else if (key === '+' || key === '=') zoomTo(view.zoom * FACTOR);
    else if (key === '-') zoomTo(view.zoom / FACTOR);
    else return;
    event.preventDefault();
  });
  set(WIDEST);

  const layOut = () => {
    set(bound(view)); // another picture or model has other bounds
    layOutPicture(find('main'), size(), model(), view);
  };
  return { view: () => view, layOut, reset: () => set(WIDEST) };
}

function layOutPicture(main, [width, height], { crop, cropFraction }, view) {
  const ratio = crop === 'whole' && height > 0 ? width / height : 1;
  const set = (name, value) => main.style.setProperty(name, value.toFixed(5));
  main.dataset.shape = width > height ? 'wide' : 'tall';
  set('--ratio', ratio);
  // The frame shows exactly the part that the network gets.
  set('--zoom', view.zoom / cropFraction);
  set('--x', main.hasAttribute('data-mirror') ? 1 - view.x : view.x);
  set('--y', view.y);
}

/** Hides the slider when it has not been used for a while. */
function makeIdle(bar) {
  let timer = 0;
  const wake = () => {
    bar.removeAttribute('data-idle');
    clearTimeout(timer);
    timer = setTimeout(() => bar.setAttribute('data-idle', ''), IDLE);
  };
  return { wake };
}
