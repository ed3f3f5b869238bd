// What an app says of the classes of its models: classes.json, which `kerasfg
// phone` writes beside each model.

import { currentLanguage } from '../ui/texts.js';
import { setClassNames } from '../ui/format_text.js';

const NOTHING = Object.freeze({ example: null, confusedWith: [], names: {} });
const known = new WeakMap(); // from a model to a map from labels

/**
 * Reads classes.json. An app works without it.
 *
 * @param {string} folder of a model, with a slash at its end
 * @returns {Promise<Map<string, {example: string|null, confusedWith: string[],
 *   names: Object<string, string>}>>} by label; `example` is an address
 */
export async function loadClasses(folder) {
  try {
    const { classes } = await (await fetch(`${folder}classes.json`)).json();
    return new Map(
      Object.entries(classes).map(([label, facts]) => [
        label,
        {
          example: isText(facts.example) ? folder + facts.example : null,
          confusedWith: textsOf(facts.confused_with),
          names: facts.names ?? {},
        },
      ]),
    );
  } catch {
    return new Map();
  }
}

function textsOf(values) {
  return Array.isArray(values) ? values.filter(isText) : [];
}

function isText(value) {
  return typeof value === 'string' && value !== '';
}

/** Keeps what is known of the classes of a model. */
export function noteClasses(model, classes) {
  known.set(model, classes);
}

/** What is known of a class; nothing, for a model that the user has opened. */
export function factsOf(model, label) {
  return known.get(model)?.get(label) ?? NOTHING;
}

/** Lets the page call classes what they are called in its language. */
export function nameClasses(model) {
  const language = currentLanguage();
  const named = (model?.labels ?? []).flatMap((label) => {
    const { names } = factsOf(model, label);
    const name = Object.hasOwn(names, language) ? names[language] : null;
    return isText(name) ? [[label, name]] : [];
  });
  setClassNames(Object.fromEntries(named));
}
