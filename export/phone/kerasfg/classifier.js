// Classifies pictures in the browser, with a model that `kerasfg export` made.
// The page of `kerasfg phone` is built on it; so is any page of yours.

import { isSureOf, judge } from './answer/answer.js';
import { loadFile, loadFolder } from './load.js';
import { ModelFacts } from './loading/model_facts.js';
import { runSelfTest } from './loading/self_test.js';
import { makeShrinker } from './pixels/shrinker.js';
import { applyTemperature, rank } from './probabilities.js';
import { asProblem, Problem } from './problem.js';
import { makeTurns } from './turns.js';

/**
 * @typedef {import('./picture.js').Picture} Picture
 * @typedef {import('./probabilities.js').Answer} Answer
 * @typedef {import('./load.js').LoadOptions} LoadOptions
 * @typedef {import('./answer/answer.js').Judgement} Judgement
 */

/**
 * A model that is loaded and has passed its self-test on this device. Errors
 * are of the class `Problem`: `key` says which, `message` what to do.
 *
 * @example
 * const classifier = await Classifier.load('./model/');
 * const answers = await classifier.classify(document.querySelector('img'));
 * console.log(classifier.isSure(answers) ? answers[0].label : 'not sure');
 */
export class Classifier extends ModelFacts {
  #model;
  #shrink = makeShrinker();
  #inTurn = makeTurns();
  #isClosed = false;

  /**
   * Use `load` or `open`.
   *
   * @param {import('./load.js').Model} model
   */
  constructor(model) {
    super(model);
    this.#model = model;
  }

  /**
   * Loads a model from a folder that `kerasfg phone` or `kerasfg export` wrote:
   * one with `kerasfg.json` and a model file in it.
   *
   * @param {string|URL} folder its address, relative to the page
   * @param {LoadOptions} options
   * @throws {Problem} if it is missing, was changed, or fails its self-test
   */
  static async load(folder, options = {}) {
    return new Classifier(await loadFolder(folder, options));
  }

  /**
   * Opens one `.tflite` file that `kerasfg export` wrote.
   *
   * @param {Blob|ArrayBuffer|Uint8Array} file
   * @param {LoadOptions} options
   * @throws {Problem} if it is another file, or fails its self-test
   */
  static async open(file, options = {}) {
    return new Classifier(await loadFile(file, options));
  }

  /**
   * Classifies a picture of any size. What was cut out in training is cut out
   * here, and shrunk by the same filter.
   *
   * @param {Picture} picture an image, a video, a canvas, a file, ...
   * @param {{top?: number, zoom?: number, x?: number, y?: number}} options
   *   `top`: how many answers at most, all by default; `zoom`: 2 takes half of
   *   each side; `x`, `y`: the middle of it, from 0 to 1, 0.5 by default
   * @returns {Promise<Answer[]>} the most probable first
   * @throws {Problem} if the picture is not loaded or may not be read
   */
  async classify(picture, { top = Infinity, ...view } = {}) {
    const { probabilities } = await this.examine(picture, {
      ...view,
      part: false,
    });
    return rank(this.labels, probabilities, top);
  }

  /**
   * Whether the first of the answers is probable enough to be shown, by the
   * threshold of its class. `judge` says more.
   *
   * @param {Answer[]} answers of `classify`
   * @returns {boolean} always true for a model without a threshold
   */
  isSure(answers) {
    return isSureOf(this.#model, answers[0]);
  }

  /**
   * What is said of a picture: whether it is of one of the classes at all,
   * whether the first of them is sure, and otherwise a coarser name that is.
   *
   * @param {{probabilities: ArrayLike<number>, familiarity?: number|null}}
   *   examined of `examine`
   * @param {{top?: number, coverage?: number|null}} options `top`: how many
   *   classes at most, all by default; `coverage`: from 0.5 to 0.99, for a set
   *   that holds the true class for this share of pictures
   * @returns {Judgement}
   */
  judge(examined, options = {}) {
    return judge(this.#model, examined, options);
  }

  /**
   * Classifies a picture, and returns the steps as well.
   *
   * @param {Picture} picture
   * @param {{zoom?: number, x?: number, y?: number, part?: boolean}} options
   *   as for `classify`; `part`: whether the part that was cut out is wanted,
   *   which it is by default
   * @returns {Promise<{part: ImageData|null, side: number, pixels: Uint8Array,
   *   raw: Float32Array, probabilities: Float64Array,
   *   familiarity: number|null}>} the part that was cut out (a large one reduced
   *   to the size of a screen) and its shorter side in the picture, what the
   *   model got of it (RGB, row by row), what it gave, and the same after
   *   calibration by the model's temperature; `familiarity`, from 0 to 1: below
   *   0.5 the picture is of none of the classes; null if the model does not say
   */
  examine(picture, { zoom = 1, x = 0.5, y = 0.5, part = true } = {}) {
    return this.#inTurn(async () => {
      if (this.#isClosed) throw new Problem('classifierClosed');
      if (!(zoom >= 1)) throw new RangeError(`zoom must be 1 or more: ${zoom}`);
      if (![x, y].every((share) => share >= 0 && share <= 1)) {
        throw new RangeError(`x and y must be from 0 to 1: ${x}, ${y}`);
      }
      const model = this.#model;
      const shrunk = await this.#shrink(picture, model, {
        view: { zoom, x, y },
        part,
      });
      try {
        const { probabilities: raw, familiarity } = await model.run(
          shrunk.pixels,
        );
        const probabilities = applyTemperature(raw, model.temperature);
        return { ...shrunk, raw, probabilities, familiarity };
      } catch (error) {
        throw asProblem(error, 'classifyFailed');
      }
    });
  }

  /**
   * Runs the model's self-test again: on some devices a runtime goes wrong
   * later.
   *
   * @throws {Problem} `selfTestFailed`
   */
  test() {
    return this.#inTurn(async () => {
      if (!this.#isClosed) await runSelfTest(this.#model);
    });
  }

  /** Frees the model's memory, when what was begun is done. */
  close() {
    return this.#inTurn(async () => {
      if (!this.#isClosed) this.#model.delete();
      this.#isClosed = true;
    });
  }
}

export { Problem };
