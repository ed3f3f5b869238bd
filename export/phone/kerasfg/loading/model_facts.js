// What is known of a model: names, sizes, thresholds, its reach.

import { reachOf } from '../answer/reach.js';

/** The base of `Classifier`. */
export class ModelFacts {
  #model;

  /** @param {import('../load.js').Model} model */
  constructor(model) {
    this.#model = model;
  }

  /** The names of the classes, in the order of the model's output. */
  get labels() {
    return this.#model.labels;
  }

  /** The title of the model. */
  get name() {
    return this.#model.name;
  }

  /** The name of the model file. */
  get file() {
    return this.#model.file;
  }

  /** The side of the square of pixels that the model file takes. */
  get imageSize() {
    return this.#model.imageSize;
  }

  /** What it gets of a picture: the centred square, or the whole. */
  get crop() {
    return this.#model.crop;
  }

  /** The share of each side of it, in the middle. */
  get cropFraction() {
    return this.#model.cropFraction;
  }

  /** The probability below which the answer is "not sure"; null for none. */
  get threshold() {
    return this.#model.threshold;
  }

  /** The same for each class, in place of it; null if there is one for all. */
  get classThresholds() {
    return this.#model.classThresholds;
  }

  /** `{label: {attribute: value}}`; empty if the model has none. */
  get attributes() {
    return this.#model.attributes;
  }

  /**
   * The farthest distance at which its names are so often right, for the subject
   * and the camera that `kerasfg distance` was told of.
   *
   * @param {{right?: number, zoom?: number}} options `right`: the share, 0.8 by
   *   default; `zoom`: of the optics, 1 by default
   * @returns {import('../answer/reach.js').Reach|null|undefined} null if they are
   *   nowhere so often right, undefined if that was not measured
   */
  reach({ right = 0.8, zoom = 1 } = {}) {
    const { distance } = this.#model;
    return distance ? reachOf(distance, right, zoom) : undefined;
  }
}
