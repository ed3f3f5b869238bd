// The latest result, for tests, which compare its numbers with Python's. The
// page itself does not read it, and nothing can be changed through it.

/** @param {() => object|null} latest the latest result of the classifier */
export function publishLatest(latest) {
  const published = {
    get latest() {
      return snapshot(latest());
    },
  };
  const value = Object.freeze(published);
  Object.defineProperty(window, 'kerasfg', { value });
}

function snapshot(result) {
  if (!result) return null;
  const { model, number, isStill, isSure, pixels } = result;
  const { raw, calibrated, probabilities } = result;
  const { familiarity, isKnown: known, coarser } = result;
  return {
    model: model.name,
    classNames: [...model.labels],
    ...{ number, isStill, isSure, familiarity, known, coarser },
    pixels: Array.from(pixels),
    raw: Array.from(raw), // of the network
    calibrated: Array.from(calibrated), // after the temperature
    probabilities: Array.from(probabilities), // as shown
  };
}
