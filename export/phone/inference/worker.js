// The worker around host.js. A plain script, because LiteRT.js calls
// importScripts, which modules do not have.

const starting = import('./host.js').then(({ makeHost }) => {
  // Some browsers have workers without a canvas: the page does it all there.
  if (!new OffscreenCanvas(1, 1).getContext('2d')) throw new Error('no canvas');
  return makeHost();
});

starting.then(
  () => postMessage({ isReady: true }),
  () => postMessage({ isReady: false }),
);

self.addEventListener('message', async ({ data: { call, name, given } }) => {
  const progress = (...bytes) => postMessage({ call, bytes });
  try {
    const host = await starting;
    const value = await host[name](...given, progress);
    postMessage({ call, value }, value?.shown ? [value.shown] : []);
  } catch ({ key, values, message }) {
    postMessage({ call, error: { key, values, message } });
  } finally {
    // A picture that was sent for this call alone.
    for (const each of given) {
      if (each instanceof ImageBitmap) each.close();
    }
  }
});
