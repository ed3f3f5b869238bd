// Where the device is. The browser asks the user first.

const OPTIONS = { enableHighAccuracy: true, maximumAge: 60_000, timeout: 20_000 };

/**
 * @returns {Promise<{latitude: number, longitude: number, accuracy: number}>}
 *   in degrees, and in metres
 * @throws {Error} with a `key` of a text: `placeDenied` or `placeUnknown`
 */
export function findPlace() {
  return new Promise((resolve, reject) => {
    const fail = (key) => reject(Object.assign(new Error(key), { key }));
    if (!navigator.geolocation) return fail('placeUnknown');
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy } }) =>
        resolve({ latitude, longitude, accuracy }),
      ({ code, PERMISSION_DENIED }) =>
        fail(code === PERMISSION_DENIED ? 'placeDenied' : 'placeUnknown'),
      OPTIONS,
    );
  });
}

/** Whether the user has refused to tell the place; a browser may not say. */
export async function isPlaceDenied() {
  try {
    const name = 'geolocation';
    return (await navigator.permissions.query({ name })).state === 'denied';
  } catch {
    return false;
  }
}
