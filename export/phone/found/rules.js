// Rules about what was kept: what it is called, what is to be checked, in which
// order it is shown, and what may be a name.

const MAX_NAME = 100; // characters

/** What the entry is: what the user said, or else what the model said. */
export const labelOf = ({ corrected, label }) => corrected ?? label;

/** Whether the model was not sure, and the user has not said yet. */
export const needsCheck = ({ isSure, isChecked }) => !isSure && !isChecked;

/** Entries in the order of the list: those to check first, the newest first. */
export function inOrder(entries) {
  return [...entries].sort(
    (a, b) => needsCheck(b) - needsCheck(a) || b.time - a.time,
  );
}

/**
 * Makes a name of a class of what was typed: one line without control
 * characters and blanks at its ends, of at most 100 characters.
 *
 * @param {string} text
 * @returns {string} empty if nothing is left
 */
export function cleanName(text) {
  const line = text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return Array.from(line).slice(0, MAX_NAME).join('').trim();
}

/** What two names have in common that people would take for the same. */
export function spelling(name) {
  return name.normalize('NFC').replace(/[_\s]+/g, ' ').trim().toLowerCase();
}

/**
 * The names to choose from: those that the model thought of first, then those
 * the user has given, then all others of the model.
 *
 * @param {object} entry
 * @param {object[]} entries all of them
 * @param {string[]} labels of the model in use
 * @returns {string[]} each once
 */
export function namesFor(entry, entries, labels) {
  const given = entries.map(({ corrected }) => corrected).filter(Boolean);
  const names = [entry.corrected, ...entry.top.map(({ label }) => label)];
  return [...new Set([...names, ...given.sort(), ...labels])].filter(Boolean);
}

/** The names that hold the text, those that begin with it first. */
export function matching(names, text) {
  const wanted = spelling(text);
  const hits = names.filter((name) => spelling(name).includes(wanted));
  if (!wanted) return hits;
  const begins = (name) => spelling(name).startsWith(wanted);
  return hits.sort((a, b) => begins(b) - begins(a));
}
