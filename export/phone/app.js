// Wires the parts of the page together; each part has a file of its own.

import { showAbout } from './about.js';
import { isAllowed } from './camera.js';
import { makeClassifier } from './classifier.js';
import { connectControls } from './controls.js';
import { connectDialogs } from './dialogs.js';
import { makeModelChooser } from './model_chooser.js';
import { makeNotices } from './notices.js';
import { appVersion, keepOffline } from './offline.js';
import { Problem } from './problem.js';
import { fillTexts, say } from './say.js';
import { loadSettings } from './settings.js';
import { connectSharing } from './sharing.js';
import { layOut } from './stage.js';
import { makeViewer } from './viewer.js';
import { makeZoom } from './zoom.js';

const WITHOUT_MODEL = { crop: 'center', cropFraction: 1 };

const find = (id) => document.getElementById(id);
const settings = loadSettings();
fillTexts(document);

const notices = makeNotices(find);
const viewer = makeViewer(find, { onFrame, onChange, onLost });
const zoom = makeZoom(find('stage'), find('zoom'), find('zoom-value'), look);
const classifier = makeClassifier(find, {
  source: viewer.source,
  zoom: zoom.value,
  smooth: () => settings.get('smooth'),
  onModel,
});
const chooser = makeModelChooser(find, {
  classifier,
  notices,
  settings,
  onReady: look,
});
const controls = connectControls(find, {
  viewer,
  settings,
  notices,
  startCamera,
  showPicture,
  freeze,
});
connectDialogs(find, {
  models: { by: 'choose-model', fill: chooser.fill },
  options: { by: 'open-options', fill: fillOptions },
});
connectSharing(find, {
  freeze,
  latest: classifier.latest,
  toast: notices.toast,
});

// For tests, which compare these numbers with Python's. Nothing of the page
// reads it, and nothing can be changed through it.
Object.defineProperty(window, 'kerasfg', {
  value: Object.freeze({
    get latest() {
      return snapshot(classifier.latest());
    },
  }),
});

keepOffline((key) => {
  find('offline').textContent = say(key);
  if (['offlineFull', 'offlineNext'].includes(key)) notices.toast(key);
});
chooser.start();
if (settings.get('started') && (await isAllowed())) startCamera();

/** Shows the picture as it lies now, and classifies it if it stands. */
function look() {
  const { crop, cropFraction } = classifier.model() ?? WITHOUT_MODEL;
  // The frame shows what the network sees.
  layOut(find('main'), viewer.size(), crop, zoom.value() / cropFraction);
  if (viewer.phase() === 'still') classifier.lookAtStill().catch(stopped);
}

async function onFrame(now) {
  await classifier.look(now).catch(stopped);
}

function onChange() {
  controls.update();
  look();
}

function onLost() {
  cameraProblem(new Problem('cameraEnded'));
}

function onModel(model, key) {
  find('model-name').textContent = model ? model.name : say(key);
}

function stopped(error) {
  const retry = { key: 'tryAgain', run: chooser.start };
  classifier.use(() => Promise.reject(error)).catch(() => {});
  notices.problem(error, 'model', retry);
}

async function startCamera(side = settings.get('side')) {
  notices.clear();
  classifier.reset();
  try {
    await viewer.live(side);
    settings.set('side', side);
    settings.set('started', true);
  } catch (error) {
    cameraProblem(error);
  }
}

function cameraProblem(error) {
  const retry = { key: 'tryAgain', run: startCamera };
  const pick = { key: 'choosePicture', run: controls.choosePicture };
  const canRetry = !['cameraMissing', 'cameraInsecure'].includes(error.key);
  viewer.leave();
  notices.problem(error, 'camera', canRetry ? retry : pick);
}

async function showPicture(file) {
  notices.clear();
  classifier.reset();
  zoom.reset();
  try {
    await viewer.showPicture(file);
  } catch (error) {
    const pick = { key: 'choosePicture', run: controls.choosePicture };
    notices.problem(error, 'picture', pick);
  }
}

/** Freezes and gives the result of the frozen picture. */
async function freeze() {
  if (viewer.phase() !== 'live') return;
  await viewer.freeze();
  await classifier.look(performance.now(), true).catch(stopped);
}

async function fillOptions() {
  find('smooth').checked = settings.get('smooth');
  showAbout(find('about'), classifier.model(), await appVersion());
}

function snapshot(result) {
  if (!result) return null;
  const { model, number, isStill, sure, taken, usual } = result;
  const { pixels, raw, own, probabilities } = result;
  return {
    model: model.name,
    classNames: [...model.classNames],
    ...{ number, isStill, sure, taken, usual },
    pixels: Array.from(pixels),
    raw: Array.from(raw), // of the network
    own: Array.from(own), // after the temperature
    probabilities: Array.from(probabilities), // as shown
  };
}
