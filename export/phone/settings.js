// What the user chose, kept for the next start.

const KEY = 'kerasfg';
const DEFAULTS = {
  smooth: true,
  side: 'environment',
  model: null, // a key of model_list.js
  started: false, // whether the camera was started here before
};

/**
 * Reads the settings.
 *
 * @returns {{get: (name: string) => *, set: (name: string, value: *) => void}}
 */
export function loadSettings() {
  let values = { ...DEFAULTS };
  try {
    const found = JSON.parse(localStorage.getItem(KEY));
    for (const name of Object.keys(DEFAULTS)) {
      if (found && Object.hasOwn(found, name)) values[name] = found[name];
    }
  } catch {
    // Nothing stored, or a browser that stores nothing.
  }
  return {
    get: (name) => values[name],
    set(name, value) {
      values = { ...values, [name]: value };
      try {
        localStorage.setItem(KEY, JSON.stringify(values));
      } catch {
        // It holds until the page is closed.
      }
    },
  };
}
