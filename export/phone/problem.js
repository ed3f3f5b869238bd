// An error that the user is told about: a key of texts.js, and what fills its
// gaps.

export class Problem extends Error {
  /**
   * @param {string} key of the text in texts.js
   * @param {Object<string, string|number>} values for the text's gaps
   */
  constructor(key, values = {}) {
    super(`${key} ${JSON.stringify(values)}`);
    this.name = 'Problem';
    this.key = key;
    this.values = values;
  }
}

/** Gives what went wrong as a problem, whatever it was. */
export function asProblem(error, key) {
  if (error instanceof Problem) return error;
  return new Problem(key, { reason: error?.message ?? String(error) });
}
