// Zooms by the slider and by two fingers on the picture.

import { textFor } from './format_text.js';

export const MAX_ZOOM = 8;

/**
 * @param {HTMLElement} stage the area of the picture, for two fingers
 * @param {HTMLInputElement} slider whose value is the zoom's logarithm to 2
 * @param {HTMLElement} output shows the zoom
 * @param {(zoom: number) => void} onZoom
 * @returns {{value: () => number, reset: () => void}}
 */
export function makeZoom(stage, slider, output, onZoom) {
  let zoom = 1;
  slider.max = String(Math.log2(MAX_ZOOM));

  const set = (wanted) => {
    zoom = Math.min(MAX_ZOOM, Math.max(1, wanted));
    const text = textFor('zoomValue', { zoom: zoom.toFixed(1) });
    slider.value = String(Math.log2(zoom));
    slider.setAttribute('aria-valuetext', text);
    output.textContent = text;
  };
  const change = (wanted) => {
    set(wanted);
    onZoom(zoom);
  };

  slider.addEventListener('input', () => change(2 ** slider.valueAsNumber));
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
