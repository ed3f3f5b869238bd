// Shows the live camera or a still picture. Which of them it is, is the
// `data-phase` of the page's main element: start (neither), live or still.

import { openCamera } from './camera.js';
import { sourceSize } from '../kerasfg/picture.js';
import { eachFrame } from './frames.js';
import { drawStill, readPicture } from './still.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{onFrame: (now: number) => Promise<void>, onChange: () => void,
 *   onLost: () => void}} events there is a new frame; the phase or the
 *   picture's size has changed; the camera was taken away
 */
export function makeViewer(find, { onFrame, onChange, onLost }) {
  const main = find('main');
  const video = find('video');
  let camera = null;
  let bitmap = null;
  let stop = () => {};
  let opening = 0;
  let chosen = 0; // pictures

  const setPhase = (phase, isMirrored = false) => {
    main.dataset.phase = phase;
    find('still').hidden = phase !== 'still';
    main.toggleAttribute('data-mirror', isMirrored);
    onChange();
  };
  const isFront = () => camera?.side === 'user';
  const source = () => {
    if (main.dataset.phase === 'still') return bitmap;
    return video.videoWidth > 0 ? video : null; // null: it was closed
  };

  const closeCamera = () => {
    opening += 1; // a camera that is still being opened is closed then
    stop();
    camera?.close();
    camera = null;
  };

  const showCamera = async (side) => {
    closeCamera();
    const number = opening;
    const lost = () => {
      closeCamera();
      onLost();
    };
    try {
      const opened = await openCamera(video, side, lost);
      if (number !== opening) {
        opened.close();
        return false;
      }
      camera = opened;
    } catch (error) {
      if (number !== opening) return false; // another one is being opened
      throw error;
    }
    await play();
    return true;
  };

  const play = async () => {
    setPhase('live', isFront());
    bitmap?.close(); // a large picture's pixels
    bitmap = null;
    await video.play();
    stop = eachFrame(video, onFrame);
  };

  const showStill = (next, isMirrored) => {
    stop();
    bitmap?.close();
    bitmap = next;
    drawStill(find('still'), bitmap);
    setPhase('still', isMirrored);
  };

  video.addEventListener('resize', onChange);

  return {
    /** Whether it is shown: no other one, and no picture, came before it. */
    showCamera,
    closeCamera,
    /** Closes the camera, and shows the start unless a still is shown. */
    backToStart: () => {
      closeCamera();
      if (main.dataset.phase === 'live') setPhase('start');
    },
    source,
    camera: () => camera,
    phase: () => main.dataset.phase,
    /** Width and height of the picture, or zeros. */
    size: () => (source() ? sourceSize(source()) : [0, 0]),
    isFrozen: () => main.dataset.phase === 'still' && camera !== null,
    /** Continues with the camera that `freeze` has left open. */
    resume: play,
    freeze: async () => {
      stop();
      video.pause();
      showStill(await createImageBitmap(video), isFront());
    },
    /** Whether it is shown: none was chosen while it was read. */
    showPicture: async (file) => {
      const number = (chosen += 1);
      const next = await readPicture(file);
      if (number !== chosen) {
        next.close();
        return false;
      }
      closeCamera();
      showStill(next, false);
      return true;
    },
  };
}
