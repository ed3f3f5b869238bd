// Starts the page and connects its parts.

import { isAllowed } from './camera/camera.js';
import { pictureProblem } from './camera/picture_problem.js';
import { makeViewer } from './camera/viewer.js';
import { connectClassesDialog } from './classes/classes_dialog.js';
import { nameClasses } from './classes/known_classes.js';
import { connectFound } from './found/found.js';
import { makeZoom } from './frame/zoom.js';
import { hasSimd } from './kerasfg/engines.js';
import { fetchEarly } from './model/choices.js';
import { connectShareDialog } from './share/share_dialog.js';
import { makeClassifier } from './ui/classifier.js';
import { connectControls } from './ui/controls.js';
import { keepFocus } from './ui/focus.js';
import { fillTexts, textFor } from './ui/format_text.js';
import { connectModelsDialog } from './ui/models_dialog.js';
import { makeNotices } from './ui/notices.js';
import { showOffline } from './ui/offline.js';
import { makeProblems } from './start/problems.js';
import { connectOptionsDialog } from './ui/options_dialog.js';
import { publishLatest } from './model/latest.js';
import { Problem } from './kerasfg/problem.js';
import { loadAbout } from './ui/about.js';
import { loadSettings } from './ui/settings.js';
import { loadTexts } from './ui/texts.js';
import { appVersion, storeOffline } from './worker/register.js';

const WITHOUT_MODEL = { crop: 'center', cropFraction: 1 };

const canRun = hasSimd();
if (canRun) fetchEarly();
const find = (id) => document.getElementById(id);
const settings = loadSettings();
const about = await loadAbout();
await loadTexts(about.languages, settings.get('language'));
fillTexts(document);
find('title').textContent = about.title;

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
const problems = makeProblems(notices, {
  viewer,
  classifier,
  controls,
  models,
  startCamera,
  onChange,
});
connectOptionsDialog(find, {
  settings,
  model: classifier.model,
  version: appVersion,
  languages: about.languages,
  speak,
});
const classes = connectClassesDialog(find, {
  model: classifier.model,
  showPicture,
  onProblem: (error) => problems.picture(error),
  hasExamples: about.examples,
});
connectShareDialog(find, {
  freeze,
  latest: classifier.latest,
  about,
  toast: notices.toast,
});
connectFound(find, {
  latest: classifier.latest,
  model: classifier.model,
  notices,
  settings,
});

keepFocus(document, ['problem', 'freeze', 'start-camera']);
publishLatest(classifier.latest);

let starts = 0; // of a camera
let offlineKey = null;
const onOffline = (key) => {
  offlineKey = key;
  showOffline(find, key, notices);
};
if (canRun) storeOffline(onOffline, models.loadFirst());
else problems.browser();
if (settings.get('started') && (await isAllowed())) startCamera();

/** Lays the picture out anew, and classifies it if it is a still one. */
function update() {
  zoom.layOut();
  if (viewer.phase() === 'still') classifier.classifyStill().catch(problems.still);
}

async function onFrame(now) {
  await classifier.classify(now).then(problems.frameWorked, problems.frame);
}

function onChange() {
  controls.update();
  update();
}

function onLost() {
  problems.camera(new Problem('cameraEnded'));
}

function onModel(model, key) {
  find('model-name').textContent = model ? model.name : textFor(key);
  if (model) nameClasses(model);
  if (model || key === 'noModel') classes.update();
}

/** Changes the language of the page. */
async function speak(language) {
  settings.set('language', language);
  await loadTexts(about.languages, language);
  fillTexts(document);
  onModel(classifier.model(), 'noModel');
  classifier.translate();
  if (offlineKey) find('offline').textContent = textFor(offlineKey);
  notices.clear();
  controls.update();
  classifier.expect();
  classifier.arrived();
  update();
}

async function startCamera(side = settings.get('side')) {
  const number = (starts += 1);
  notices.clear();
  classifier.expect();
  try {
    const isShown = await viewer.showCamera(side);
    if (number !== starts) return; // a later start tells how it went
    classifier.arrived();
    if (!isShown) return update(); // a picture came first, and stays
    settings.set('side', side);
    settings.set('started', true);
  } catch (error) {
    problems.camera(error);
  }
}

async function showPicture(file) {
  notices.clear();
  classifier.expect();
  zoom.reset();
  try {
    // A picture that was chosen later is shown, or will be.
    if (await viewer.showPicture(file)) classifier.arrived();
  } catch (error) {
    classifier.arrived();
    update(); // the picture before is there still
    problems.picture(await pictureProblem(error, file));
  }
}

/** Freezes the camera's picture and classifies it. */
async function freeze() {
  // While another camera is being opened, there is no picture to freeze.
  if (viewer.phase() !== 'live' || !viewer.camera()) return;
  await viewer.freeze();
  await classifier.classify(performance.now(), true).catch(problems.still);
}
