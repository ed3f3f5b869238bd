// The phone's cameras: open, switch, light, close.

import { Problem } from './problem.js';

// More pixels than the network needs: the subject may be far away.
const PIXELS = { width: { ideal: 1280 }, height: { ideal: 720 } };
const REASONS = {
  NotAllowedError: 'cameraDenied',
  SecurityError: 'cameraDenied',
  NotFoundError: 'cameraMissing',
  OverconstrainedError: 'cameraMissing',
  NotReadableError: 'cameraBusy',
  AbortError: 'cameraBusy',
};

/**
 * Opens a camera and shows it.
 *
 * @param {HTMLVideoElement} video
 * @param {"environment"|"user"} side the back or the front camera
 * @param {() => void} onEnd called if the camera is taken away later
 * @returns {Promise<{side: string, hasTorch: boolean, several: boolean,
 *   setTorch: (on: boolean) => Promise<void>, close: () => void}>}
 * @throws {Problem} in words, if there is no camera to be had
 */
export async function openCamera(video, side, onEnd) {
  const stream = await getStream(side);
  const [track] = stream.getVideoTracks();
  const close = () => {
    track.onended = null;
    for (const each of stream.getTracks()) each.stop();
    if (video.srcObject === stream) video.srcObject = null;
  };
  track.onended = onEnd;
  try {
    video.srcObject = stream;
    await video.play();
  } catch {
    close();
    throw new Problem('cameraBusy');
  }
  return {
    side: track.getSettings().facingMode ?? side,
    hasTorch: Boolean(track.getCapabilities?.().torch),
    several: await hasSeveral(),
    setTorch: (on) => track.applyConstraints({ advanced: [{ torch: on }] }),
    close,
  };
}

/** Whether the user has let this page use the camera before. */
export async function isAllowed() {
  try {
    const { state } = await navigator.permissions.query({ name: 'camera' });
    return state === 'granted';
  } catch {
    return false; // a browser that does not say
  }
}

async function getStream(side) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Problem(
      globalThis.isSecureContext ? 'cameraMissing' : 'cameraInsecure',
    );
  }
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: { ideal: side }, ...PIXELS },
    });
  } catch (error) {
    const key = REASONS[error.name] ?? 'cameraFailed';
    throw new Problem(key, { reason: error.message });
  }
}

async function hasSeveral() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind }) => kind === 'videoinput').length > 1;
}
