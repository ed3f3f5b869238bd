// The buttons below the picture, and what the page does in the background.

import { say } from './say.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {object} page its parts and what the buttons do
 * @returns {{update: () => void, choosePicture: () => void}}
 */
export function connectControls(find, page) {
  const { viewer, settings, notices, startCamera, showPicture, freeze } = page;
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
  on('flip', 'click', () => startCamera(other(viewer.camera()?.side)));
  on('torch', 'click', () => switchTorch(find('torch'), viewer, notices));
  on('pixels-button', 'click', () => toggleLarge(find));
  on('smooth', 'change', ({ target }) => {
    settings.set('smooth', target.checked);
  });
  watchVisibility(viewer, startCamera);

  return { update: () => update(find, viewer), choosePicture };
}

function update(find, viewer) {
  const phase = viewer.phase();
  const camera = viewer.camera();
  const key = viewer.isFrozen() ? 'resume' : 'backToCamera';
  find('freeze-text').textContent = say(phase === 'live' ? 'freeze' : key);
  find('freeze').disabled = phase === 'start';
  find('torch').hidden = !(phase === 'live' && camera?.hasTorch);
  if (find('torch').hidden) find('torch').ariaPressed = 'false';
  find('flip').hidden = !(phase === 'live' && camera?.several);
  find('zoom-bar').hidden = phase === 'start';
  find('start').hidden = phase !== 'start';
}

function other(side) {
  return side === 'user' ? 'environment' : 'user';
}

async function switchTorch(button, viewer, notices) {
  const isOn = button.ariaPressed !== 'true';
  try {
    await viewer.camera().setTorch(isOn);
    button.ariaPressed = String(isOn);
  } catch {
    notices.toast('torchFailed');
  }
}

/** The pixels take the place of the picture in the frame. */
function toggleLarge(find) {
  const isLarge = find('large').hidden;
  find('large').hidden = !isLarge;
  find('pixels-button').ariaPressed = String(isLarge);
}

/** A camera that nobody looks through is off. */
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
