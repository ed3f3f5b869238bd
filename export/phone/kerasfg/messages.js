// What the library's errors say to the developer of a page. The page of
// `kerasfg phone` has texts of its own for those that its users can meet.

/** @type {Object<string, string>} */
export const MESSAGES = {
  classifierClosed:
    'This classifier was closed. Load it again before you classify.',
  classifyFailed: 'The model stopped: {reason}',
  engineFailed:
    'The runtime did not start: {reason}. Its files lie in the folder lib/ ' +
    'beside classifier.js. If the page has a content-security policy, it ' +
    "must allow script-src 'self' 'wasm-unsafe-eval'.",
  missingPart:
    '{path} could not be read: {reason}. Give `Classifier.load` the address ' +
    'of a folder with kerasfg.json in it, as models/NAME of an app that ' +
    '`kerasfg phone` wrote.',
  modelBroken: 'The model file is broken or cut off. Export it again.',
  modelChanged:
    'The model file is not the one that was exported (its SHA-256 differs). ' +
    'Copy the folder again, with all of its files.',
  modelFileMissing:
    'kerasfg.json lists no {file}. It lists: {files}. A folder that `kerasfg ' +
    'export` or `kerasfg phone` wrote lists a .tflite or .onnx file.',
  modelForeign:
    'This model was not made by `kerasfg export`: it does not describe how ' +
    'its pictures must be prepared.',
  modelFormat:
    'kerasfg.json has format {format}, which this version of the library ' +
    'does not know. Export the model again, and take the library of the same ' +
    'kerasfg.',
  modelInput:
    'The input of the model must be one picture of fixed size, as uint8.',
  modelLabelsDiffer: 'The model file has two different lists of class names.',
  modelNoLabels: 'The model has no class names.',
  modelNoSelfTest: 'The model has no self-test that can be run.',
  modelNotTflite: 'This is not a .tflite file.',
  modelOutput:
    'The output of the model must be one probability for each class name.',
  modelPreprocessing:
    'The model needs pictures that this library cannot make: another filter ' +
    'or crop, or more than 1024 pixels.',
  modelRefused: 'The model does not run in this browser: {reason}',
  modelTooLarge: 'The model file is larger than 256 MB.',
  noSimd:
    'This browser has no WebAssembly with SIMD, which the model needs. ' +
    'Chrome 93, Firefox 102, Safari 16.4 and newer have it.',
  notAPicture:
    'This is no picture: give an image, video or canvas element, an ' +
    'ImageBitmap, ImageData, VideoFrame, Blob or File. Received: {kind}',
  pageInsecure:
    'The page must be opened by https, or at localhost or 127.0.0.1: only ' +
    'then browsers give it what checks the SHA-256 of the model.',
  pictureBroken: 'The picture cannot be decoded: broken, or of another kind.',
  pictureFailed: 'The picture could not be read: {reason}',
  pictureNotLoaded:
    'The picture has no pixels yet. Wait for it first: `await ' +
    'image.decode()`, or the `loadeddata` event of a video.',
  pictureTainted:
    'The browser does not let this page read a picture from another host. ' +
    'Give the element crossorigin="anonymous", and let that host send ' +
    'Access-Control-Allow-Origin; or serve the picture yourself.',
  selfTestFailed:
    'On this device the model gives other probabilities for its test picture ' +
    'than when it was exported, so it is not used.',
};
