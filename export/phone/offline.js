// Has the service worker keep the app on the device, and tells how that goes.

/**
 * Registers the service worker.
 *
 * @param {(key: string) => void} onState gets the key of a text: offlineReady,
 *   offlineNext, offlineFull, ...
 */
export async function keepOffline(onState) {
  if (!navigator.serviceWorker) return onState('offlineUnsupported');
  onState('offlineWorking');
  const states = {
    ready: 'offlineReady',
    next: 'offlineNext',
    full: 'offlineFull',
    failed: 'offlineFailed',
  };
  let isNext = false;
  const tell = (key) => {
    if (isNext) return; // which may have come before `register` was through
    isNext = key === 'offlineNext';
    onState(key);
  };
  navigator.serviceWorker.addEventListener('message', ({ data }) => {
    // Without a network a version that is there goes on working.
    const isBad = data.kind === 'failed' && navigator.serviceWorker.controller;
    if (states[data.kind] && !isBad) tell(states[data.kind]);
  });
  navigator.serviceWorker.startMessages();
  try {
    const registration = await navigator.serviceWorker.register(
      'service-worker.js',
      { updateViaCache: 'none' },
    );
    if (registration.active) tell('offlineReady');
    // A page that was slow to start has missed the word.
    registration.active?.postMessage({ kind: 'next?' });
  } catch {
    tell('offlineFailed');
  }
}

/** The version of the app, short, or null where it was not built. */
export async function appVersion() {
  try {
    const { version } = await (await fetch('app.json')).json();
    return version.slice(0, 12);
  } catch {
    return null;
  }
}
