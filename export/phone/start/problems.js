// What the page says, and does, when something fails.

import { Problem } from '../kerasfg/problem.js';
import { isOfPicture } from '../ui/classifier.js';

const MAX_FAILED_FRAMES = 10; // one after the other

/**
 * @param {object} notices
 * @param {object} page its viewer, classifier, controls and models, what starts
 *   the camera, and what is called when the picture may be another
 */
export function makeProblems(notices, page) {
  const { viewer, classifier, controls, models } = page;
  const { startCamera, onChange } = page;
  const pick = { key: 'choosePicture', run: controls.choosePicture };
  let failedFrames = 0;

  /** A picture cannot be read, or a model cannot classify it. */
  const still = (error) => {
    if (isOfPicture(error)) picture(error);
    else model(error);
  };

  /** A frame of the camera fails; there is a next one, which may be well. */
  const frame = (error) => {
    failedFrames += 1;
    if (!isOfPicture(error)) model(error);
    else if (failedFrames === MAX_FAILED_FRAMES) picture(error);
  };

  const frameWorked = () => {
    failedFrames = 0;
  };

  /** A model that has failed is taken out of use. */
  const model = (error) => {
    classifier.drop();
    notices.problem(error, 'model', { key: 'tryAgain', run: models.loadFirst });
  };

  const picture = (error) => {
    const kind = error.key === 'pictureHeic' ? 'heic' : 'picture';
    notices.problem(error, kind, pick);
  };

  const camera = (error) => {
    const retry = { key: 'tryAgain', run: startCamera };
    const canRetry = !['cameraMissing', 'cameraInsecure'].includes(error.key);
    viewer.backToStart();
    classifier.arrived();
    onChange(); // a still picture is shown on, with its answer
    notices.problem(error, 'camera', canRetry ? retry : pick);
  };

  /** Nothing is fetched that this browser could not run. */
  const browser = () => {
    const retry = { key: 'tryAgain', run: () => location.reload() };
    classifier.drop();
    notices.problem(new Problem('noSimd'), 'browser', retry);
  };

  return { still, frame, frameWorked, picture, camera, browser };
}
