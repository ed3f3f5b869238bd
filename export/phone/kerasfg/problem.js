// The errors of the library. A page shows `message`, or words of its own for
// each `key`.

import { MESSAGES } from './messages.js';

export class Problem extends Error {
  /**
   * @param {string} key of the text in messages.js, or of the page's own
   * @param {Object<string, string|number>} values that fill the text's gaps
   */
  constructor(key, values = {}) {
    super(messageFor(key, values));
    this.name = 'Problem';
    this.key = key;
    this.values = values;
  }
}

/**
 * Turns any error into a problem.
 *
 * @param {any} error
 * @param {string} key of the text for an unexpected one
 * @returns {Problem}
 */
export function asProblem(error, key) {
  if (error instanceof Problem) return error;
  return new Problem(key, { reason: error?.message ?? String(error) });
}

/**
 * @param {string} key
 * @param {Object<string, string|number>} values
 */
function messageFor(key, values) {
  if (!Object.hasOwn(MESSAGES, key)) return `${key} ${JSON.stringify(values)}`;
  return MESSAGES[key].replace(/\{(\w+)\}/g, (gap, name) =>
    Object.hasOwn(values, name) ? String(values[name]) : gap,
  );
}
