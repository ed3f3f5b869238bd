// What is looked at: the camera, live, or a picture that stands.

import { openCamera } from './camera.js';
import { eachFrame } from './frames.js';
import { sourceSize } from './reader.js';
import { decodePicture, showStill } from './still.js';

/**
 * The `data-phase` of the page's main element is start, live or still.
 *
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{onFrame: (now: number) => Promise<void>, onChange: () => void,
 *   onLost: () => void}} events a frame is there, another kind of source is
 *   looked at, the camera was taken away
 */
export function makeViewer(find, { onFrame, onChange, onLost }) {
  const main = find('main');
  const video = find('video');
  let camera = null;
  let bitmap = null;
  let stop = () => {};
  let opening = 0;

  const setPhase = (phase) => {
    main.dataset.phase = phase;
    find('still').hidden = phase !== 'still';
    main.toggleAttribute('data-mirror', phase === 'live' && isFront());
    onChange();
  };
  const isFront = () => camera?.side === 'user';
  const source = () => {
    if (main.dataset.phase === 'still') return bitmap;
    return video.videoWidth > 0 ? video : null; // null: closed meanwhile
  };

  const closeCamera = () => {
    opening += 1; // one that is being opened is closed when it comes
    stop();
    camera?.close();
    camera = null;
  };

  const live = async (side) => {
    closeCamera();
    const mine = opening;
    const lost = () => {
      closeCamera();
      onLost();
    };
    try {
      const opened = await openCamera(video, side, lost);
      if (mine !== opening) return opened.close();
      camera = opened;
    } catch (error) {
      if (mine !== opening) return; // another one is being opened
      throw error;
    }
    await run();
  };

  const run = async () => {
    setPhase('live');
    await video.play();
    stop = eachFrame(video, onFrame);
  };

  const stand = (next) => {
    stop();
    bitmap?.close();
    bitmap = next;
    showStill(find('still'), bitmap);
    setPhase('still');
  };

  video.addEventListener('resize', onChange);

  return {
    live,
    closeCamera,
    /** Back to the start, unless a picture stands. */
    leave: () => {
      closeCamera();
      if (main.dataset.phase === 'live') setPhase('start');
    },
    source,
    camera: () => camera,
    phase: () => main.dataset.phase,
    /** Width and height of what is looked at, or zeros. */
    size: () => (source() ? sourceSize(source()) : [0, 0]),
    isFrozen: () => main.dataset.phase === 'still' && camera !== null,
    /** Goes on with the camera that `freeze` left open. */
    resume: run,
    freeze: async () => {
      stop();
      video.pause();
      stand(await createImageBitmap(video));
    },
    showPicture: async (file) => {
      const next = await decodePicture(file);
      closeCamera();
      stand(next);
    },
  };
}
