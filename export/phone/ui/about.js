// What this app is: about.json, which `kerasfg phone` writes.

const UNKNOWN = { title: 'kerasfg', languages: ['en'], examples: false };

let about = UNKNOWN;

/** The title of the app, as its maker wrote it. */
export const appTitle = () => about.title;

/**
 * Reads about.json.
 *
 * @returns {Promise<{title: string, languages: string[], examples: boolean}>}
 *   the name of the app, the languages of its texts, and whether it has pictures
 *   of classes
 */
export async function loadAbout() {
  try {
    about = { ...UNKNOWN, ...(await (await fetch('about.json')).json()) };
  } catch {
    about = UNKNOWN;
  }
  return about;
}
