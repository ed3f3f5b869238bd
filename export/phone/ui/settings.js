// The user's settings, stored for the next start.

const BEFORE = 'kerasfg'; // when all apps of a host had one
// Other apps of the same host share its storage.
const key = () => `kerasfg ${new URL('./', location.href).href}`;
const DEFAULTS = {
  smooth: true,
  side: 'environment',
  model: null, // a key of `allModels`
  language: null, // of the texts; null for the browser's
  place: false, // whether what is kept gets its place
  started: false, // whether the camera was ever started
};

/**
 * Reads the settings.
 *
 * @returns {{get: (name: string) => *, set: (name: string, value: *) => void}}
 */
export function loadSettings() {
  let values = { ...DEFAULTS };
  try {
    const found = JSON.parse(
      localStorage.getItem(key()) ?? localStorage.getItem(BEFORE),
    );
    for (const name of Object.keys(DEFAULTS)) {
      if (found && Object.hasOwn(found, name)) values[name] = found[name];
    }
  } catch {
    // The stored text is damaged, or the browser stores nothing.
  }
  return {
    get: (name) => values[name],
    set(name, value) {
      values = { ...values, [name]: value };
      try {
        localStorage.setItem(key(), JSON.stringify(values));
      } catch {
        // The setting lasts until the page is closed.
      }
    },
  };
}
