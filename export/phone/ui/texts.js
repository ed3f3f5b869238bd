// The texts of the page in the language of the browser. Each language is one
// file in languages/; about.json lists those of the app. The page fills the
// {gaps}.

const FIRST = 'en'; // has every text; the others may lack some

let language = FIRST;
let texts = {};

/** The language of the texts: `en`. */
export const currentLanguage = () => language;

/** The text of a key, with its gaps, or undefined. */
export const rawText = (key) =>
  Object.hasOwn(texts, key) ? texts[key] : undefined;

/** Sets the language and its texts; `loadTexts` does so from files. */
export function setTexts(name, ...lists) {
  language = name;
  texts = Object.assign({}, ...lists);
}

/**
 * Loads the texts of the language that the user has chosen, or prefers.
 *
 * @param {string[]} languages that the app has
 * @param {string|null} chosen one of them; defaults to `null`
 * @param {readonly string[]} preferred the best first; defaults to the browser's
 */
export async function loadTexts(
  languages,
  chosen = null,
  preferred = navigator.languages,
) {
  const name = choose(languages, chosen ? [chosen, ...preferred] : preferred);
  const names = name === FIRST ? [FIRST] : [FIRST, name];
  const files = names.map(async (file) =>
    (await fetch(`languages/${file}.json`)).json(),
  );
  setTexts(name, ...(await Promise.all(files)));
}

function choose(languages, preferred) {
  for (const wanted of preferred) {
    const short = wanted.toLowerCase().split('-')[0];
    if (languages.includes(short)) return short;
  }
  return FIRST;
}
