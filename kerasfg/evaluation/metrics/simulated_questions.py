"""How much questions help, with simulated answers from the table."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from kerasfg.evaluation.how_sure.intervals import bootstrap_interval
from kerasfg.evaluation.how_sure.intervals import share_interval
from kerasfg.evaluation.metrics.mean_and_spread import mean_and_spread
from kerasfg.evaluation.metrics.question import LEAST_INFORMATION
from kerasfg.evaluation.metrics.question import MOST_QUESTIONS
from kerasfg.evaluation.metrics.question import WRONG
from kerasfg.evaluation.metrics.question import Question
from kerasfg.evaluation.metrics.question import chances
from kerasfg.evaluation.metrics.question import expected_information
from kerasfg.evaluation.metrics.question import reweighted
from kerasfg.evaluation.predictions import check_predictions
from kerasfg.evaluation.probabilities import Probabilities

SEEDS = (0, 1, 2)
AT_ONCE = 2**23  # probabilities in memory: 64 MB


def simulate_questions(
    labels: npt.ArrayLike,
    probabilities: npt.ArrayLike | Probabilities,
    questions: Sequence[Question],
    threshold: float = 1.0,
    wrong: float = WRONG,
    seeds: Sequence[int] = SEEDS,
    groups: npt.ArrayLike | None = None,
) -> dict[str, Any]:
    """Measures the accuracy after none, one and two questions.

    Who answers knows the table, not the picture: an option that is true of the
    true class is named, and for the share `wrong` one that is not; where the
    table has no value, the answer is "don't know".

    Args:
        labels: True classes, integers of shape `(n,)`.
        probabilities: Class probabilities, after `apply_temperature`, of shape
            `(n, classes)`.
        questions: Result of
            `kerasfg.evaluation.metrics.question.questions_of`.
        threshold: Probability from which on the class is sure and nothing is
            asked. Defaults to `1.0`.
        wrong: Share of wrong answers, both simulated and expected. Defaults to
            `0.1`.
        seeds: Seeds of the answers. Defaults to `(0, 1, 2)`.
        groups: Integers of shape `(n,)`, as of `share_interval`. Defaults to
            `None`: every picture is a group of its own.

    Returns:
        Dict that is strict JSON: `wrong`, `questions` (their number), and two
        lists with an entry for none, one and two questions: `always`, about
        every picture, and `unsure`, where the class is not sure. An entry has
        `questions`, `top_1` (`mean`, `spread` and `n` over the seeds),
        `top_1_interval` (of the mean, 95 %, over the pictures) and
        `asked`, the share of pictures about which the last one was asked.

    Raises:
        ValueError: If the arguments do not fit together, or there is no
            question.
    """
    labels, probabilities = check_predictions(labels, probabilities)
    if not questions:
        raise ValueError(
            "There must be a question that tells two classes apart: the table "
            "of attributes has none. Received: questions=[]"
        )
    table = [chances(question.truth, wrong) for question in questions]
    given = labels, probabilities, questions, table
    found = {"wrong": wrong, "questions": len(questions)}
    for name, limit in (("always", np.inf), ("unsure", threshold)):
        runs = [_of_seed(*given, limit, wrong, seed) for seed in seeds]
        right = [np.stack(x) for x in zip(*(r[0] for r in runs), strict=True)]
        found[name] = [
            {
                "questions": number,
                "top_1": mean_and_spread(
                    [float(of_run.mean()) for of_run in right[number]]
                ),
                "top_1_interval": _interval(right[number], groups),
                "asked": statistics.mean(run[1][number] for run in runs),
            }
            for number in range(MOST_QUESTIONS + 1)
        ]
    return found


def simulated_answer(
    truth: npt.ArrayLike, wrong: float, rng: np.random.Generator
) -> int | None:
    """Draws a simulated answer from the table.

    Args:
        truth: Integers of shape `(options,)`, of the true class.
        wrong: Share of wrong answers.
        rng: Source of the draws.

    Returns:
        Place of the option, or `None` for "don't know".
    """
    is_true = np.asarray(truth) == 1
    if is_true.all() or not is_true.any():
        return None
    right = rng.random() >= wrong
    return int(rng.choice(np.flatnonzero(is_true == right)))


def _of_seed(labels, probabilities, questions, table, limit, wrong, seed):
    """Returns the right answers, and the shares asked, after 0, 1, 2 questions.

    The right answers are a list of booleans of shape `(n,)`.
    """
    rng = np.random.default_rng(seed)
    found = [
        _of_part(labels[chosen], rows, questions, table, limit, wrong, rng)
        for chosen, rows in probabilities.parts(AT_ONCE)
    ]
    right, asked = zip(*found, strict=True)
    return (
        [np.concatenate(x) for x in zip(*right, strict=True)],
        [float(np.concatenate(x).mean()) for x in zip(*asked, strict=True)],
    )


def _of_part(labels, beliefs, questions, table, limit, wrong, rng):
    """Returns the right answers, and who is asked, after 0, 1, 2 questions."""
    rows = np.arange(len(labels))
    asked = np.zeros((len(labels), len(questions)), bool)
    right = [beliefs.argmax(axis=1) == labels]
    are_asked = [np.zeros(len(labels), bool)]
    for _ in range(MOST_QUESTIONS):
        # As `best_question`, of all pictures at once.
        gains = [expected_information(beliefs, chance) for chance in table]
        gains = np.where(asked, -1.0, np.stack(gains, axis=1))
        best = gains.argmax(axis=1)
        asks = beliefs.max(axis=1) < limit
        asks &= gains[rows, best] >= LEAST_INFORMATION
        for row in np.flatnonzero(asks):
            place = best[row]
            truth = questions[place].truth[labels[row]]
            answer = simulated_answer(truth, wrong, rng)
            beliefs[row] = reweighted(beliefs[row], table[place], answer)
            asked[row, place] = True
        right.append(beliefs.argmax(axis=1) == labels)
        are_asked.append(asks)
    return right, are_asked


def _interval(right, groups):
    """Returns the interval of the accuracy of pictures in several runs."""
    if (right == right[0]).all():
        return share_interval(right[0], groups)
    of_picture = right.mean(axis=0)
    return bootstrap_interval(
        lambda counts: counts @ of_picture / counts.sum(),
        len(of_picture),
        groups,
    )
