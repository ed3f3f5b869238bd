// One finger moves the picture, two zoom it, and so does a double tap.

const SLOP = 6; // CSS pixels that a finger moves in a tap
const DOUBLE_TAP = 320; // milliseconds from one tap to the next
const NEAR = 32; // CSS pixels from one tap to the next

/**
 * @param {HTMLElement} stage the area of the picture
 * @param {{move: (from: object, to: object) => void,
 *   pinch: (from: object, to: object, scale: number) => void,
 *   pinchStart: () => void, doubleTap: (point: object) => void}} handlers
 *   points are `{x, y}` in CSS pixels of the window; `scale` is the distance of
 *   the fingers in units of that at the start
 */
export function onGestures(stage, handlers) {
  const fingers = new Map(); // where each is now
  let distance = 1; // of two fingers at the start
  let begun = null; // where one finger began, until it moves far enough
  let tap = null; // the last one
  const isPinch = () => fingers.size === 2;

  const down = (event) => {
    if (event.button > 0 || event.target.closest('input, button, .start, .problem'))
      return;
    capture(stage, event.pointerId);
    fingers.set(event.pointerId, pointOf(event));
    begun = fingers.size === 1 ? pointOf(event) : null;
    if (!isPinch()) return;
    distance = Math.max(1, spread(fingers));
    handlers.pinchStart();
  };
  const move = (event) => {
    const last = fingers.get(event.pointerId);
    if (!last) return;
    const now = pointOf(event);
    if (begun && apart(begun, now) < SLOP) return;
    begun = null;
    const from = middle(fingers);
    fingers.set(event.pointerId, now);
    if (fingers.size === 1) handlers.move(last, now);
    if (isPinch()) {
      handlers.pinch(from, middle(fingers), spread(fingers) / distance);
    }
  };
  const up = (event) => {
    if (!fingers.delete(event.pointerId)) return;
    if (begun && event.type === 'pointerup') touch(event);
    begun = null;
  };
  const touch = (event) => {
    const next = { ...pointOf(event), time: event.timeStamp };
    const isSecond =
      tap && next.time - tap.time < DOUBLE_TAP && apart(tap, next) < NEAR;
    tap = isSecond ? null : next;
    if (isSecond) handlers.doubleTap(next);
  };

  stage.addEventListener('pointerdown', down);
  stage.addEventListener('pointermove', move);
  stage.addEventListener('pointerup', up);
  stage.addEventListener('pointercancel', up);
}

/** Lets the element have the finger's events after it has left it, too. */
function capture(element, id) {
  try {
    element.setPointerCapture(id);
  } catch {
    // The finger is gone already.
  }
}

function pointOf({ clientX, clientY }) {
  return { x: clientX, y: clientY };
}

function apart(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function spread(fingers) {
  const [a, b] = fingers.values();
  return apart(a, b);
}

function middle(fingers) {
  const points = [...fingers.values()];
  const mean = (axis) =>
    points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  return { x: mean('x'), y: mean('y') };
}
