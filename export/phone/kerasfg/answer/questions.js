// The questions that a table of attributes can answer: as
// kerasfg.evaluation.metrics.question makes them in Python.

const MOST_OPTIONS = 15; // more are too many to read
const MOST_ATTRIBUTES = 1000; // a table of more would keep the page waiting
const YES_NO = ['yes', 'no'];

/**
 * @typedef {object} Question
 * @property {string} text such as "Bill shape?"
 * @property {string[]} options what can be answered
 * @property {number[][]} truth of each class and option: 1 where it is true
 * @typedef {Map<string, string>[]} Rows of each class: attribute and value
 */

/**
 * Makes the questions that a table of attributes can answer.
 *
 * An attribute of yes and no is a question of its own, unless there are several
 * whose names begin alike, such as `bill_color::red` and `bill_color::black`:
 * these are one question with an option for each. Other attributes have their
 * values as options.
 *
 * @param {Object<string, Object<string, string|number|boolean>>} attributes
 *   `{class: {attribute: value}}`
 * @param {string[]} labels of the classes
 * @returns {Question[]} without those that tell no two classes apart; none for
 *   a table of more than 1000 attributes
 */
export function questionsOf(attributes, labels) {
  const rows = labels.map((label) => rowOf(attributes, label));
  const names = new Set(rows.flatMap((row) => [...row.keys()]));
  if (names.size > MOST_ATTRIBUTES) return [];
  /** @type {Map<string, string[]>} */
  const families = new Map();
  for (const name of names) {
    const [family] = name.split('::');
    families.set(family, [...(families.get(family) ?? []), name]);
  }
  const found = [...families].flatMap(([family, members]) =>
    members.length > 1 && members.every((name) => isYesNo(rows, name))
      ? [ofFamily(family, members, rows)]
      : members.map((name) => ofAttribute(name, rows)),
  );
  return found.filter(divides);
}

/** The name of an attribute or value: `has_bill_shape` → `bill shape`. */
export function words(/** @type {string} */ name) {
  const text = name.replaceAll('_', ' ').split(/\s+/).filter(Boolean).join(' ');
  return text.replace(/^has /, '').replace(/^is /, '') || name;
}

/**
 * @param {Object<string, Object<string, any>>} attributes
 * @param {string} label
 * @returns {Map<string, string>}
 */
function rowOf(attributes, label) {
  const row = Object.hasOwn(attributes, label) ? attributes[label] : {};
  return new Map(Object.entries(row).map(([name, x]) => [name, String(x)]));
}

/**
 * @param {Rows} rows
 * @param {string} name
 */
function isYesNo(rows, name) {
  return rows.every((row) => !row.has(name) || isEither(row.get(name)));
}

/** @param {string|undefined} value */
function isEither(value) {
  return value !== undefined && YES_NO.includes(value);
}

/**
 * @param {string} family
 * @param {string[]} members
 * @param {Rows} rows
 */
function ofFamily(family, members, rows) {
  const known = members.filter((name) =>
    rows.some((row) => row.get(name) === 'yes'),
  );
  const truth = rows.map((row) =>
    known.map((name) => Number(row.get(name) === 'yes')),
  );
  const options = known.map((name) => words(name.slice(family.length + 2)));
  return question(family, options, truth);
}

/**
 * @param {string} name
 * @param {Rows} rows
 */
function ofAttribute(name, rows) {
  const values = new Set(
    rows.flatMap((row) => (row.has(name) ? [String(row.get(name))] : [])),
  );
  const options = [...values].every(isEither) ? YES_NO : [...values].sort();
  const truth = rows.map((row) =>
    options.map((option) => Number(row.get(name) === option)),
  );
  return question(name.replaceAll('::', ' '), options.map(words), truth);
}

/**
 * @param {string} name
 * @param {string[]} options
 * @param {number[][]} truth
 * @returns {Question}
 */
function question(name, options, truth) {
  const text = words(name);
  const [first = ''] = text; // a letter may be two units of UTF-16
  const title = first.toUpperCase() + text.slice(first.length);
  return { text: `${title}?`, options, truth };
}

/** @param {Question} question */
function divides({ options, truth }) {
  const known = truth.filter((row) => row.includes(1));
  const isAlike = known.every((row) => row.every((x, i) => x === known[0][i]));
  return !isAlike && options.length >= 2 && options.length <= MOST_OPTIONS;
}
