// What this app is: about.json, which `kerasfg phone` writes.

const UNKNOWN = { title: 'kerasfg', languages: ['en'] };

/**
 * Reads about.json.
 *
 * @returns {Promise<{title: string, languages: string[]}>} the name of the app
 *   and the languages of its texts
 */
export async function loadAbout() {
  try {
    return { ...UNKNOWN, ...(await (await fetch('about.json')).json()) };
  } catch {
    return UNKNOWN;
  }
}
