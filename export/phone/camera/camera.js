// Opens the phone's cameras, with their light.

import { Problem } from '../kerasfg/problem.js';

// More pixels than the network needs: the subject may be far away.
const PIXELS = { width: { ideal: 1280 }, height: { ideal: 720 } };
// From the browser's errors to keys of languages/.
const REASONS = {
  NotAllowedError: 'cameraDenied',
  SecurityError: 'cameraDenied',
  NotFoundError: 'cameraMissing',
  OverconstrainedError: 'cameraMissing',
  NotReadableError: 'cameraBusy',
  AbortError: 'cameraBusy',
};

/**
 * Opens a camera and shows it in a video element.
 *
 * @param {HTMLVideoElement} video
 * @param {"environment"|"user"} side the back or the front camera
 * @param {() => void} onEnd called if the camera is taken away later
 * @returns {Promise<{side: string, hasTorch: boolean, hasSeveral: boolean,
 *   isLit: boolean, setTorch: (on: boolean) => Promise<void>, close: () => void}>}
 * @throws {Problem} if no camera can be opened
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
  const camera = {
    side: track.getSettings().facingMode ?? side,
    hasTorch: Boolean(track.getCapabilities?.().torch),
    hasSeveral: await hasSeveralCameras().catch(() => false),
    isLit: false,
    setTorch: async (on) => {
      await track.applyConstraints({ advanced: [{ torch: on }] });
      camera.isLit = on;
    },
    close,
  };
  return camera;
}

/** Whether the user has let this page use the camera before. */
export async function isAllowed() {
  try {
    const { state } = await navigator.permissions.query({ name: 'camera' });
    return state === 'granted';
  } catch {
    return false; // a browser that cannot be asked
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

async function hasSeveralCameras() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind }) => kind === 'videoinput').length > 1;
}
