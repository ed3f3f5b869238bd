// Registers the service worker, which stores the app on the device. This part
// runs in the page.

/**
 * @param {(key: string) => void} onState called with the key of a text each
 *   time that the state changes: offlineReady, offlineNext, offlineFull, ...
 * @param {Promise<void>} first what a first visit waits for: storing the app
 *   comes after it, and takes its files from the browser's cache
 */
export async function storeOffline(onState, first) {
  if (!navigator.serviceWorker) return onState('offlineUnsupported');
  onState('offlineWorking');
  const states = {
    ready: 'offlineReady',
    next: 'offlineNext',
    full: 'offlineFull',
    failed: 'offlineFailed',
  };
  let isNext = false;
  const report = (key) => {
    if (isNext) return; // this message may come before `register` returns
    isNext = key === 'offlineNext';
    onState(key);
  };
  navigator.serviceWorker.addEventListener('message', ({ data }) => {
    // Without a network a stored version goes on working.
    const isHarmless =
      data.kind === 'failed' && navigator.serviceWorker.controller;
    if (states[data.kind] && !isHarmless) report(states[data.kind]);
  });
  navigator.serviceWorker.startMessages();
  await first;
  try {
    const registration = await navigator.serviceWorker.register(
      'service-worker.js',
      { updateViaCache: 'none' },
    );
    if (registration.active) report('offlineReady');
    // A page that was slow to start has missed the message.
    registration.active?.postMessage({ kind: 'next?' });
  } catch {
    report('offlineFailed');
  }
}

/** The version of the app, shortened, or null if it was not built. */
export async function appVersion() {
  try {
    const { version } = await (await fetch('app.json')).json();
    return version.slice(0, 12);
  } catch {
    return null;
  }
}
