// Zooms by the slider and by two fingers on the picture.

import { textFor } from './format_text.js';

const MAX = 8;
const IDLE = 2500; // milliseconds after which the slider disappears

/**
 * @param {HTMLElement} stage the area of the picture, for two fingers
 * @param {HTMLInputElement} slider whose value is the zoom's logarithm to 2
 * @param {HTMLButtonElement} number shows the zoom, and the slider when pressed;
 *   the slider's parent is hidden but for it while it is `data-idle`
 * @param {(zoom: number) => void} onZoom
 * @returns {{value: () => number, reset: () => void}}
 */
export function makeZoom(stage, slider, number, onZoom) {
  let zoom = 1;
  let timer = 0;
  slider.max = String(Math.log2(MAX));

  const set = (wanted) => {
    zoom = Math.min(MAX, Math.max(1, wanted));
    const text = textFor('zoomValue', { zoom: Number(zoom.toFixed(1)) });
    slider.value = String(Math.log2(zoom));
    slider.setAttribute('aria-valuetext', text);
    number.textContent = text;
  };
  const show = () => {
    slider.parentElement.removeAttribute('data-idle');
    clearTimeout(timer);
    timer = setTimeout(() => {
      slider.parentElement.setAttribute('data-idle', '');
    }, IDLE);
  };
  const change = (wanted) => {
    show();
    set(wanted);
    onZoom(zoom);
  };

  slider.addEventListener('input', () => change(2 ** slider.valueAsNumber));
  number.addEventListener('click', show);
  onPinch(stage, () => zoom, change);
  set(1);
  return { value: () => zoom, reset: () => set(1) };
}

/**
 * Passes the picture's place in its frame on to the style sheet.
 *
 * @param {HTMLElement} main
 * @param {number[]} size width and height of the picture
 * @param {"center"|"whole"} crop the part of it that the network gets
 * @param {number} zoom
 */
export function layOutPicture(main, [width, height], crop, zoom) {
  const ratio = crop === 'whole' && height > 0 ? width / height : 1;
  main.dataset.shape = width > height ? 'wide' : 'tall';
  main.style.setProperty('--ratio', ratio.toFixed(4));
  main.style.setProperty('--zoom', zoom.toFixed(4));
}

function onPinch(stage, zoom, set) {
  const fingers = new Map();
  let begun = null;

  const distance = () => {
    const [a, b] = fingers.values();
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  const track = (event) => {
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  };
  const lift = (event) => {
    fingers.delete(event.pointerId);
    begun = null;
  };

  stage.addEventListener('pointerdown', (event) => {
    if (event.target.closest('input, button')) return;
    track(event);
    if (fingers.size === 2) begun = { distance: distance(), zoom: zoom() };
  });
  stage.addEventListener('pointermove', (event) => {
    if (!fingers.has(event.pointerId)) return;
    track(event);
    if (begun && fingers.size === 2) {
      set((begun.zoom * distance()) / Math.max(1, begun.distance));
    }
  });
  for (const kind of ['pointerup', 'pointercancel', 'pointerleave']) {
    stage.addEventListener(kind, lift);
  }
}
