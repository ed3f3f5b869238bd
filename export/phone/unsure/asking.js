// The questions about one picture, and what its answer is after the replies.

import {
  bestQuestion,
  chances,
  MOST_QUESTIONS,
  reweighted,
} from '../kerasfg/answer/question.js';
import { questionsOf } from '../kerasfg/answer/questions.js';
import { saidOf } from '../model/said.js';

const tables = new WeakMap(); // of each model; made when first asked

/**
 * @typedef {{question: string, answer: string|null}} Reply null: don't know
 */

/**
 * Starts to ask about a result.
 *
 * @param {object} first result of model/session.js
 */
export function makeAsking(first) {
  const { model } = first;
  let base = first;
  const replies = []; // places of questions and of their options
  const { questions, table } = tableOf(model);

  const result = () => {
    const probabilities = replies.reduce(
      (shares, { place, option }) => reweighted(shares, table[place], option),
      base.probabilities,
    );
    const { familiarity } = base;
    const said = saidOf(model, { probabilities, familiarity });
    return { ...base, probabilities, ...said, replies: listed() };
  };

  const listed = () =>
    replies.map(({ place, option }) => ({
      question: questions[place].text,
      answer: option === null ? null : questions[place].options[option],
    }));

  /** The place of the next question, or null. */
  const next = () => {
    const { isSure, isKnown, probabilities } = result();
    if (isSure || !isKnown || replies.length >= MOST_QUESTIONS) return null;
    const asked = replies.map(({ place }) => place);
    return bestQuestion(probabilities, table, asked);
  };

  return {
    result,
    /** Takes a later result of the same picture; false for another picture. */
    take: (result) => {
      if (!isSamePicture(base, result)) return false;
      base = result;
      return true;
    },
    /** The next question, or null if there is none. */
    question: () => questions[next()] ?? null,
    /** Takes the place of an option, or null for "don't know". */
    reply: (option) => replies.push({ place: next(), option }),
    undo: () => replies.pop(),
    replies: listed,
  };
}

/** Whether two results are of the same pixels, by the same model. */
function isSamePicture(a, b) {
  return (
    a.model === b.model &&
    a.pixels.length === b.pixels.length &&
    a.pixels.every((value, i) => value === b.pixels[i])
  );
}

function tableOf(model) {
  if (!tables.has(model)) {
    const questions = questionsOf(model.attributes, model.labels);
    const table = questions.map(({ truth }) => chances(truth));
    tables.set(model, { questions, table });
  }
  return tables.get(model);
}
