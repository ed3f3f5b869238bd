// Every text of the page. To translate the app, translate this file, the
// noscript text and `lang` of index.html, and manifest.webmanifest. The page
// fills the {gaps}.

export const LANGUAGE = 'en';

export const TEXTS = {
  appName: 'kerasfg',
  view: 'Camera',
  result: 'Result',
  actions: 'Actions',
  close: 'Close',

  startTitle: 'Point and name',
  startText: 'Hold something in the frame and read what it is.',
  startCamera: 'Start the camera',
  choosePicture: 'Choose a picture',
  private: 'Works on this device alone. No picture ever leaves it.',

  loadingModel: 'Loading …',
  loadingText: 'Getting the model ready …',
  looking: 'Looking …',
  lookingHint: 'The answer comes in a moment.',
  waiting: 'Ready',
  waitingHint: 'Start the camera or choose a picture.',
  notSure: 'Not sure',
  notSureHint: 'Perhaps {name}. Come closer, or fill the frame.',
  noModel: 'No model',
  noModelHint: 'Nothing is classified until a model passes its self-test.',
  facts: '{size} × {size} pixels · {time} per picture',
  announceSure: '{name}, {percent} percent',
  announceNotSure: 'Not sure. Perhaps {name}',
  attributes: 'Attributes',
  attribute: '{name}: {value}',
  pixelsLabel: 'What the network sees: {size} by {size} pixels. Show large.',

  gallery: 'Gallery',
  torch: 'Light',
  freeze: 'Freeze',
  resume: 'Resume',
  backToCamera: 'Camera',
  flip: 'Flip',
  share: 'Share',
  zoom: 'Zoom',
  zoomValue: '{zoom}×',
  torchFailed: 'The light cannot be switched.',

  models: 'Models',
  modelFacts: '{classes} classes · {size} × {size} pixels',
  openModel: 'Open a model file …',
  openModelHint:
    'A .tflite file made by “kerasfg export”. It stays on this device.',
  removeModel: 'Remove {name}',
  ownModel: 'from this device',

  options: 'Options',
  smooth: 'Steady numbers',
  smoothHint: 'Averages the probabilities over the last moments.',
  privacyTitle: 'Privacy',
  privacyText:
    'Nothing leaves this device: no picture, no result, no count of visits. ' +
    'Pictures are processed in memory and kept only if you save them.',
  offlineTitle: 'Without a network',
  offlineWorking: 'The app is being stored on this device …',
  offlineReady: 'The app is stored on this device and works offline.',
  offlineNext: 'A new version is stored. It is used from the next start on.',
  offlineFull:
    'There is no room left on this device: the app works, but only online.',
  offlineFailed: 'The app could not be stored: it works only online.',
  offlineUnsupported: 'This browser cannot store the app for offline use.',
  aboutTitle: 'About',
  aboutModel: 'Model',
  aboutFile: 'File',
  aboutClasses: 'Classes',
  aboutSelfTest: 'Self-test',
  aboutPassed: 'passed on this device',
  aboutThreshold: 'Sure from',
  aboutVersion: 'Version',
  licences: 'Licences',

  sharePicture: 'Share the picture …',
  copyResult: 'Copy the result',
  savePicture: 'Save the picture',
  shareHint: 'The picture is what is inside the frame, with its label.',
  copied: 'Copied.',
  copyFailed: 'This browser does not let the page copy.',
  saved: 'Saved.',
  resultLine: '{name} {percent} %',
  resultNotSure: 'Not sure. {list}',
  resultFrom: '{list} ({model})',

  tryAgain: 'Try again',
  chooseModel: 'Choose a model',
  cameraTitle: 'No camera',
  cameraDenied:
    'This page may not use the camera. Allow it in the browser’s settings ' +
    'for this page, then try again.',
  cameraMissing: 'No camera was found. A picture from the gallery works too.',
  cameraBusy: 'Another app is using the camera. Close it, then try again.',
  cameraInsecure:
    'Browsers give the camera only to pages that were opened by https. ' +
    'A picture from the gallery works.',
  cameraFailed: 'The camera did not start: {reason}',
  cameraEnded: 'The camera was taken away. Another app may be using it.',
  pictureTitle: 'Not a picture',
  pictureBroken: 'This file cannot be read as a picture.',
  modelTitle: 'This model cannot be used',
  modelNotTflite: 'This is not a .tflite model.',
  modelForeign:
    'This model was not made by “kerasfg export”: it does not describe how ' +
    'its pictures must be prepared.',
  modelFormat:
    'This model has format {format}, which this app does not support. ' +
    'Export it again.',
  modelBroken: 'The file is broken or cut off. Export it again.',
  modelChanged: 'The file was changed after it was exported. Get it again.',
  modelTooLarge: 'The file is larger than 256 MB.',
  modelNoLabels: 'The model has no class names.',
  modelLabelsDiffer: 'The model has two different lists of class names.',
  modelNoSelfTest: 'The model has no self-test that can be run.',
  modelPreprocessing: 'The model needs pictures that this app cannot make.',
  modelInput:
    'The model’s input must be one picture of fixed size with 8-bit colours.',
  modelOutput:
    'The model’s output must be one probability for each class name.',
  modelRefused: 'The model does not run on this device: {reason}',
  selfTestFailed:
    'The model gives wrong numbers on this device, so it is not used.',
  classifyFailed: 'The model stopped: {reason}',
  engineFailed: 'The runtime did not start on this device: {reason}',
  noSimd: 'This browser is too old for the model. A newer one runs it.',
  pageInsecure:
    'The model is checked before it is used, which browsers allow only to ' +
    'pages that were opened by https.',
  missingPart: 'A part of the app is missing: {path}. Connect and try again.',
  noModels: 'There is no model in this app. Open one from a file.',
  storageTitle: 'No room left',
  storageFull:
    'There is no room to keep the model on this device. It works until the ' +
    'page is closed.',
  unexpected: 'Something went wrong: {reason}',
};
