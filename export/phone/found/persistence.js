// Asks the browser not to delete what is stored when the device runs full.

/** Asks for it, unless it is so already. Some browsers ask the user. */
export async function askToPersist() {
  try {
    if (!(await isPersisted())) await navigator.storage.persist();
  } catch {
    // A browser that cannot be asked.
  }
}

/** The key of the text that says whether what is stored stays. */
export async function persistenceText() {
  return (await isPersisted()) ? 'storedSafely' : 'storedUnsafely';
}

async function isPersisted() {
  return Boolean(await navigator.storage?.persisted?.().catch(() => false));
}
