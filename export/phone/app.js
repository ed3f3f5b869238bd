// Starts the page and connects its parts.

import { isAllowed } from './camera/camera.js';
import { makeViewer } from './camera/viewer.js';
import { makeClassifier } from './ui/classifier.js';
import { connectControls } from './ui/controls.js';
import { fillTexts, textFor } from './ui/format_text.js';
import { connectModelsDialog } from './ui/models_dialog.js';
import { makeNotices } from './ui/notices.js';
import { connectOptionsDialog } from './ui/options_dialog.js';
import { Problem } from './kerasfg/problem.js';
import { loadAbout } from './ui/about.js';
import { loadSettings } from './ui/settings.js';
import { connectShareDialog } from './ui/share_dialog.js';
import { loadTexts } from './ui/texts.js';
import { layOutPicture, makeZoom } from './ui/zoom.js';
import { appVersion, storeOffline } from './worker/register.js';

const WITHOUT_MODEL = { crop: 'center', cropFraction: 1 };

const find = (id) => document.getElementById(id);
const settings = loadSettings();
const about = await loadAbout();
await loadTexts(about.languages);
fillTexts(document);

const notices = makeNotices(find);
const viewer = makeViewer(find, { onFrame, onChange, onLost });
const zoom = makeZoom(find('stage'), find('zoom'), find('zoom-value'), update);
const classifier = makeClassifier(find, {
  source: viewer.source,
  zoom: zoom.value,
  smooth: () => settings.get('smooth'),
  onModel,
});
const models = connectModelsDialog(find, {
  classifier,
  notices,
  settings,
  onReady: update,
});
const controls = connectControls(find, {
  viewer,
  notices,
  startCamera,
  showPicture,
  freeze,
});
connectOptionsDialog(find, {
  settings,
  model: classifier.model,
  version: appVersion,
});
connectShareDialog(find, {
  freeze,
  latest: classifier.latest,
  toast: notices.toast,
});

// For tests, which compare these numbers with Python's. The page itself does
// not read it, and nothing can be changed through it.
Object.defineProperty(window, 'kerasfg', {
  value: Object.freeze({
    get latest() {
      return snapshot(classifier.latest());
    },
  }),
});

storeOffline((key) => {
  find('offline').textContent = textFor(key);
  if (['offlineFull', 'offlineNext'].includes(key)) notices.toast(key);
});
models.loadFirst();
if (settings.get('started') && (await isAllowed())) startCamera();

/** Lays the picture out anew, and classifies it if it is a still one. */
function update() {
  const { crop, cropFraction } = classifier.model() ?? WITHOUT_MODEL;
  // The frame shows exactly the part that the network gets.
  const scale = zoom.value() / cropFraction;
  layOutPicture(find('main'), viewer.size(), crop, scale);
  if (viewer.phase() === 'still') classifier.classifyStill().catch(onFailure);
}

async function onFrame(now) {
  await classifier.classify(now).catch(onFailure);
}

function onChange() {
  controls.update();
  update();
}

function onLost() {
  showCameraProblem(new Problem('cameraEnded'));
}

function onModel(model, key) {
  find('model-name').textContent = model ? model.name : textFor(key);
}

/** The model has failed: it is taken out of use. */
function onFailure(error) {
  const retry = { key: 'tryAgain', run: models.loadFirst };
  classifier.drop();
  notices.problem(error, 'model', retry);
}

async function startCamera(side = settings.get('side')) {
  notices.clear();
  classifier.expect();
  try {
    await viewer.showCamera(side);
    classifier.arrived();
    settings.set('side', side);
    settings.set('started', true);
  } catch (error) {
    showCameraProblem(error);
  }
}

function showCameraProblem(error) {
  const retry = { key: 'tryAgain', run: startCamera };
  const pick = { key: 'choosePicture', run: controls.choosePicture };
  const canRetry = !['cameraMissing', 'cameraInsecure'].includes(error.key);
  viewer.backToStart();
  classifier.arrived();
  notices.problem(error, 'camera', canRetry ? retry : pick);
}

async function showPicture(file) {
  notices.clear();
  classifier.expect();
  zoom.reset();
  try {
    await viewer.showPicture(file);
    classifier.arrived();
  } catch (error) {
    classifier.arrived();
    update(); // the picture before is there still
    const pick = { key: 'choosePicture', run: controls.choosePicture };
    notices.problem(error, 'picture', pick);
  }
}

/** Freezes the camera's picture and classifies it. */
async function freeze() {
  if (viewer.phase() !== 'live') return;
  await viewer.freeze();
  await classifier.classify(performance.now(), true).catch(onFailure);
}

function snapshot(result) {
  if (!result) return null;
  const { model, number, isStill, isSure, pixels } = result;
  const { raw, calibrated, probabilities } = result;
  const { familiarity, isKnown: known, coarser } = result;
  return {
    model: model.name,
    classNames: [...model.labels],
    ...{ number, isStill, isSure, familiarity, known, coarser },
    pixels: Array.from(pixels),
    raw: Array.from(raw), // of the network
    calibrated: Array.from(calibrated), // after the temperature
    probabilities: Array.from(probabilities), // as shown
  };
}
