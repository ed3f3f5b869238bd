// The buttons on and below the picture; also, the camera is off while the page
// is hidden.

import { textFor } from './format_text.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {object} page its parts and what the buttons do
 * @returns {{update: () => void, choosePicture: () => void}}
 */
export function connectControls(find, page) {
  const { viewer, notices, startCamera, showPicture, freeze } = page;
  const on = (id, event, run) => find(id).addEventListener(event, run);
  const choosePicture = () => find('picture-file').click();

  on('start-camera', 'click', () => startCamera());
  on('start-picture', 'click', choosePicture);
  on('gallery', 'click', choosePicture);
  on('picture-file', 'change', ({ target }) => {
    const [file] = target.files;
    target.value = ''; // the same file may be chosen again
    if (file) showPicture(file);
  });
  on('freeze', 'click', () => {
    if (viewer.phase() === 'live') return freeze();
    return viewer.isFrozen() ? viewer.resume() : startCamera();
  });
  on('flip', 'click', () => startCamera(otherSide(viewer.camera()?.side)));
  on('torch', 'click', () => switchTorch(find('torch'), viewer, notices));
  on('pixels-button', 'click', () => togglePixels(find));
  on('details', 'toggle', () => {
    find('model-facts').scrollIntoView({ block: 'nearest' });
  });
  watchVisibility(viewer, startCamera);

  return { update: () => update(find, viewer), choosePicture };
}

function update(find, viewer) {
  const phase = viewer.phase();
  const camera = viewer.camera();
  const key = viewer.isFrozen() ? 'resume' : 'backToCamera';
  find('freeze-text').textContent = textFor(phase === 'live' ? 'freeze' : key);
  find('freeze').disabled = phase === 'start';
  find('torch').hidden = !(phase === 'live' && camera?.hasTorch);
  find('torch').ariaPressed = String(Boolean(camera?.isLit));
  find('flip').hidden = !(phase === 'live' && camera?.hasSeveral);
  find('zoom-bar').hidden = phase === 'start';
  find('start').hidden = phase !== 'start';
  colorStatusBar(phase);
}

/** The phone's own bar above the page continues the picture. */
function colorStatusBar(phase) {
  for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
    meta.dataset.start ??= meta.content;
    meta.content = phase === 'start' ? meta.dataset.start : '#0d0f0c';
  }
}

function otherSide(side) {
  return side === 'user' ? 'environment' : 'user';
}

async function switchTorch(button, viewer, notices) {
  const camera = viewer.camera();
  try {
    await camera.setTorch(!camera.isLit);
    button.ariaPressed = String(camera.isLit);
  } catch {
    notices.toast('torchFailed');
  }
}

/** Shows the network's pixels in the frame in place of the picture, or back. */
function togglePixels(find) {
  const isShown = find('large').hidden;
  find('large').hidden = !isShown;
  find('pixels-button').ariaPressed = String(isShown);
}

/** Closes the camera while the page is hidden. */
function watchVisibility(viewer, startCamera) {
  let wasLive = false;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      wasLive = viewer.phase() === 'live';
      viewer.closeCamera();
    } else if (wasLive) {
      wasLive = false;
      startCamera();
    }
  });
  addEventListener('pagehide', viewer.closeCamera);
}
