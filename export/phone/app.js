// Starts the page and connects its parts.

import { isAllowed } from './camera/camera.js';
import { makeViewer } from './camera/viewer.js';
import { makeZoom } from './frame/zoom.js';
import { fetchEarly } from './model/choices.js';
import { isOfPicture, makeClassifier } from './ui/classifier.js';
import { connectControls } from './ui/controls.js';
import { keepFocus } from './ui/focus.js';
import { fillTexts, textFor } from './ui/format_text.js';
import { connectModelsDialog } from './ui/models_dialog.js';
import { makeNotices } from './ui/notices.js';
import { connectOptionsDialog } from './ui/options_dialog.js';
import { Problem } from './kerasfg/problem.js';
import { loadAbout } from './ui/about.js';
import { loadSettings } from './ui/settings.js';
import { connectShareDialog } from './ui/share_dialog.js';
import { loadTexts } from './ui/texts.js';
import { appVersion, storeOffline } from './worker/register.js';

const WITHOUT_MODEL = { crop: 'center', cropFraction: 1 };
const MAX_FAILED_FRAMES = 10; // one after the other
let failedFrames = 0;

fetchEarly();
const find = (id) => document.getElementById(id);
const settings = loadSettings();
const about = await loadAbout();
await loadTexts(about.languages);
fillTexts(document);

const notices = makeNotices(find);
const viewer = makeViewer(find, { onFrame, onChange, onLost });
const zoom = makeZoom(find, {
  size: viewer.size,
  model: () => classifier.model() ?? WITHOUT_MODEL,
  isStill: () => viewer.phase() === 'still',
  onView: update,
});
const classifier = makeClassifier(find, {
  source: viewer.source,
  view: zoom.view,
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

keepFocus(document, ['problem', 'freeze', 'start-camera']);

// For tests, which compare these numbers with Python's. The page itself does
// not read it, and nothing can be changed through it.
Object.defineProperty(window, 'kerasfg', {
  value: Object.freeze({
    get latest() {
      return snapshot(classifier.latest());
    },
  }),
});

const whenLoaded = models.loadFirst();
storeOffline((key) => {
  find('offline').textContent = textFor(key);
  if (['offlineFull', 'offlineNext'].includes(key)) notices.toast(key);
}, whenLoaded);
if (settings.get('started') && (await isAllowed())) startCamera();

/** Lays the picture out anew, and classifies it if it is a still one. */
function update() {
  zoom.layOut();
  if (viewer.phase() === 'still') classifier.classifyStill().catch(onFailure);
}

async function onFrame(now) {
  try {
    await classifier.classify(now);
    failedFrames = 0;
  } catch (error) {
    failedFrames += 1;
    onFailure(error);
  }
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

/** A model that has failed is taken out of use; a picture is only named. */
function onFailure(error) {
  if (isOfPicture(error)) {
    // Of a camera there is a next frame, which may be well.
    const isLive = viewer.phase() === 'live';
    if (!isLive || failedFrames === MAX_FAILED_FRAMES) showPictureProblem(error);
    return;
  }
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
    showPictureProblem(error);
  }
}

function showPictureProblem(error) {
  const pick = { key: 'choosePicture', run: controls.choosePicture };
  notices.problem(error, 'picture', pick);
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
  return {
    model: model.name,
    classNames: [...model.labels],
    ...{ number, isStill, isSure },
    pixels: Array.from(pixels),
    raw: Array.from(raw), // of the network
    calibrated: Array.from(calibrated), // after the temperature
    probabilities: Array.from(probabilities), // as shown
  };
}
