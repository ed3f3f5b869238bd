// Keeps one model at work on what is looked at, and shows what it finds.

import { makeAnnouncer } from './announcer.js';
import { makePanel } from './panel.js';
import { Problem } from './problem.js';
import { say } from './say.js';
import { makeSession } from './session.js';

/**
 * @param {(id: string) => HTMLElement} find an element of the page
 * @param {{source: () => object, zoom: () => number, smooth: () => boolean,
 *   onModel: (model: object|null, key: string) => void}} page what it asks the
 *   page for; without a model, `key` is the text that says why
 */
export function makeClassifier(find, { source, zoom, smooth, onModel }) {
  const session = makeSession();
  const panel = makePanel(find);
  const announcer = makeAnnouncer(find('status'));
  let latest = null;
  let loading = 0;
  let isQueued = false;

  /** Loads a model in place of the one before; whether it is still wanted. */
  const use = async (load) => {
    loading += 1;
    const mine = loading;
    forget('loadingModel', 'loadingText');
    onModel(null, 'loadingModel');
    await session.use(null);
    try {
      const model = await load();
      if (mine !== loading) {
        model.delete();
        return false;
      }
      await session.use(model);
      onModel(model);
      forget('waiting', 'waitingHint');
      return true;
    } catch (error) {
      if (mine !== loading) return false;
      forget('noModel', 'noModelHint');
      onModel(null, 'noModel');
      throw error;
    }
  };

  /** Something else is looked at. */
  const reset = () => {
    session.reset();
    announcer.reset();
  };

  const forget = (answer, hint) => {
    latest = null;
    panel.clear(say(answer), say(hint));
    find('share').disabled = true;
    find('pixels-button').disabled = true;
  };

  /** Classifies; a picture that stands is shown at once, and not smoothed. */
  const look = async (now, isStill = false) => {
    const options = { zoom: zoom(), smooth: !isStill && smooth(), now };
    let result;
    try {
      result = await session.look(source, options);
    } catch (error) {
      throw new Problem('classifyFailed', { reason: error.message });
    }
    if (!result) return;
    latest = { ...result, number: (latest?.number ?? 0) + 1, isStill };
    panel.show(result, now, isStill);
    announcer.hear(result, now, isStill);
    showSize(find, result.model.imageSize);
    find('share').disabled = false;
  };

  /** The same for what stands; many calls at once are one. */
  const lookAtStill = async () => {
    if (isQueued) return;
    isQueued = true;
    await new Promise((resolve) => setTimeout(resolve));
    isQueued = false;
    await look(performance.now(), true);
  };

  return {
    use,
    look,
    lookAtStill,
    forget,
    reset,
    model: session.model,
    latest: () => latest,
  };
}

function showSize(find, size) {
  const text = say('pixelsLabel', { size });
  const label = find('pixels-label');
  if (label.textContent !== text) label.textContent = text;
  find('pixels-button').disabled = false;
}
