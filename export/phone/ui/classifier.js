// Classifies the picture in the frame with the chosen model, and shows results.

import { makeLoadingBar } from '../inference/loading_bar.js';
import { makeSession } from '../model/session.js';
import { makeQuestionPanel } from '../unsure/question_panel.js';
import { makeAnnouncer } from './announcer.js';
import { textFor } from './format_text.js';
import { makeResultPanel } from './result_panel.js';

const SLOW = 100; // milliseconds

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{source: () => object, view: () => object, smooth: () => boolean,
 *   onModel: (model: object|null, key: string) => void}} page what the
 *   classifier needs of it; `onModel` is called when the model changes, with
 *   the key of a text if there is none
 */
export function makeClassifier(find, { source, view, smooth, onModel }) {
  const session = makeSession();
  const panel = makeResultPanel(find);
  const announcer = makeAnnouncer(find('status'));
  const bar = makeLoadingBar(find('loading'), find('loading-bytes'));
  const questions = makeQuestionPanel(find, (result) =>
    present(result, performance.now()),
  );
  let latest = null;
  let count = 0; // of results
  let loading = 0;
  let shown = 0; // changes with the picture: what is said of it is too late then
  let isComing = false;
  let isQueued = false;
  let still = Promise.resolve(); // the last classification of a still picture

  /**
   * Replaces the model. The one before works on until the new one has passed its
   * self-test, and stays if it does not. Returns false if `use` was called again
   * meanwhile.
   */
  const use = async (load) => {
    loading += 1;
    const number = loading;
    if (!session.model()) clear('loadingModel', 'loadingText');
    onModel(null, 'loadingModel');
    try {
      const model = await load((...bytes) => {
        // Without a model before, this is all there is to see.
        if (number === loading && !session.model()) bar.show(...bytes);
      });
      if (number !== loading) {
        await model.close();
        return false;
      }
      await change(model);
      return true;
    } catch (error) {
      if (number !== loading) return false;
      if (session.model()) onModel(session.model());
      else await drop();
      throw error;
    } finally {
      if (number === loading) bar.hide();
    }
  };

  /** Takes the model out of use, so that nothing is classified. */
  const drop = () => change(null);

  const change = async (model) => {
    shown += 1;
    await session.use(model);
    onModel(model, 'noModel');
    if (model) panel.use(model);
    clearAnswer();
  };

  /** Call this when the page has another language. */
  const translate = () => {
    if (session.model()) panel.use(session.model());
  };

  /** Call this before another picture or camera is shown. */
  const expect = () => {
    isComing = true;
    forget();
  };

  /** Call this when it is there, or will not come. */
  const arrived = () => {
    isComing = false;
    forget();
  };

  const forget = () => {
    shown += 1;
    session.reset();
    announcer.reset();
    if (session.model()) clearAnswer();
  };

  const clearAnswer = () => {
    if (!session.model()) clear('noModel', 'noModelHint');
    else if (isComing || source()) clear('looking', 'lookingHint');
    else clear('waiting', 'waitingHint');
  };

  const clear = (answer, hint) => {
    latest = null;
    panel.clear(textFor(answer), textFor(hint));
    questions.hide();
    find('share').disabled = true;
    find('keep').disabled = true;
    find('pixels-button').disabled = true;
  };

  /** A still picture's result is shown at once, and not smoothed. */
  const classify = async (now, isStill = false) => {
    if (isComing) return;
    const number = shown;
    const options = {
      view: view(),
      smooth: !isStill && smooth(),
      now,
      part: isStill, // which can be shared
    };
    const result = await session.classify(source, options).catch((error) => {
      // Of a picture that is gone nobody wants to know, unlike of the model.
      if (!isOfPicture(error) || number === shown) throw error;
    });
    if (!result || number !== shown) return;
    count += 1;
    const found = { ...result, number: count, isStill };
    if (!isStill) questions.hide();
    present(isStill ? questions.show(found) : found, now);
    showSize(find, result.model.imageSize);
    find('share').disabled = false;
    find('keep').disabled = false;
  };

  const present = (result, now) => {
    latest = result;
    panel.show(result, now, result.isStill);
    announcer.announce(result, now, result.isStill);
  };

  /** The same for a still picture; several calls at once count as one. */
  const classifyStill = async () => {
    if (isQueued) return;
    isQueued = true;
    await new Promise((resolve) => setTimeout(resolve));
    await still.catch(() => {}); // so that fast fingers do not queue up
    isQueued = false;
    // Of a small picture the next answer is there before one could read this.
    const slow = setTimeout(clearAnswer, SLOW);
    still = classify(performance.now(), true);
    await still.finally(() => clearTimeout(slow));
  };

  return {
    use,
    drop,
    classify,
    classifyStill,
    expect,
    arrived,
    translate,
    model: session.model,
    latest: () => latest,
  };
}

/** Whether an error is of one picture; any other is of the model. */
export function isOfPicture({ key = '' }) {
  return key.startsWith('picture') || key === 'notAPicture';
}

function showSize(find, size) {
  const text = textFor('pixelsLabel', { size });
  const label = find('pixels-label');
  if (label.textContent !== text) label.textContent = text;
  find('pixels-button').disabled = false;
}
