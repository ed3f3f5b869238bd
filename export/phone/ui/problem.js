// An error that is shown to the user, in the words of texts.js.

export class Problem extends Error {
  /**
   * @param {string} key of the text in texts.js
   * @param {Object<string, string|number>} values that fill the text's gaps
   */
  constructor(key, values = {}) {
    super(`${key} ${JSON.stringify(values)}`);
    this.name = 'Problem';
    this.key = key;
    this.values = values;
  }
}

/** Turns any error into a problem; `key` is the text for an unexpected one. */
export function asProblem(error, key) {
  if (error instanceof Problem) return error;
  return new Problem(key, { reason: error?.message ?? String(error) });
}
