// Classifies the picture in the frame with the chosen model, and shows results.

import { makeSession } from '../model/session.js';
import { makeAnnouncer } from './announcer.js';
import { textFor } from './format_text.js';
import { makeResultPanel } from './result_panel.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{source: () => object, zoom: () => number, smooth: () => boolean,
 *   onModel: (model: object|null, key: string) => void}} page what the
 *   classifier needs of it; `onModel` is called when the model changes, with
 *   the key of a text if there is none
 */
export function makeClassifier(find, { source, zoom, smooth, onModel }) {
  const session = makeSession();
  const panel = makeResultPanel(find);
  const announcer = makeAnnouncer(find('status'));
  let latest = null;
  let loading = 0;
  let isQueued = false;

  /** Replaces the model; returns false if `use` was called again meanwhile. */
  const use = async (load) => {
    loading += 1;
    const number = loading;
    clear('loadingModel', 'loadingText');
    onModel(null, 'loadingModel');
    await session.use(null);
    try {
      const model = await load();
      if (number !== loading) {
        await model.close();
        return false;
      }
      await session.use(model);
      onModel(model);
      clear('waiting', 'waitingHint');
      return true;
    } catch (error) {
      if (number !== loading) return false;
      clear('noModel', 'noModelHint');
      onModel(null, 'noModel');
      throw error;
    }
  };

  /** Call this before another picture or camera is shown. */
  const reset = () => {
    session.reset();
    announcer.reset();
  };

  const clear = (answer, hint) => {
    latest = null;
    panel.clear(textFor(answer), textFor(hint));
    find('share').disabled = true;
    find('pixels-button').disabled = true;
  };

  /** A still picture's result is shown at once, and not smoothed. */
  const classify = async (now, isStill = false) => {
    const options = { zoom: zoom(), smooth: !isStill && smooth(), now };
    const result = await session.classify(source, options);
    if (!result) return;
    latest = { ...result, number: (latest?.number ?? 0) + 1, isStill };
    panel.show(result, now, isStill);
    announcer.announce(result, now, isStill);
    showSize(find, result.model.imageSize);
    find('share').disabled = false;
  };

  /** The same for a still picture; several calls at once count as one. */
  const classifyStill = async () => {
    if (isQueued) return;
    isQueued = true;
    await new Promise((resolve) => setTimeout(resolve));
    isQueued = false;
    await classify(performance.now(), true);
  };

  return {
    use,
    classify,
    classifyStill,
    reset,
    model: session.model,
    latest: () => latest,
  };
}

function showSize(find, size) {
  const text = textFor('pixelsLabel', { size });
  const label = find('pixels-label');
  if (label.textContent !== text) label.textContent = text;
  find('pixels-button').disabled = false;
}
