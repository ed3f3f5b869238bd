"""The one question whose answer tells most of what a picture shows.

Each function is a few lines on lists of numbers, so that a page can have the
same in JavaScript. A question is a yes or no of each class: 1 where it is true,
0 where it is not, -1 where that is not known. Who answers is wrong for a share
of the questions, `wrong`; "don't know" leaves everything as it is.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

WRONG = 0.1
MOST_QUESTIONS = 2
# A question must be expected to tell at least so much, in bits.
LEAST_INFORMATION = 0.01


def chance_of_yes(truth: npt.ArrayLike, wrong: float = WRONG) -> np.ndarray:
    """Returns how likely "yes" is where a class is the true one.

    Args:
        truth: Integers of any shape: 1 for true, 0 for not, -1 for unknown.
        wrong: Share of wrong answers, from 0 to below 0.5. Defaults to `0.1`.

    Returns:
        Float64 array of that shape: `1 - wrong`, `wrong` or 0.5.

    Raises:
        ValueError: If `wrong` is out of range.

    Example:

    >>> chance_of_yes([1, 0, -1]).tolist()
    [0.9, 0.1, 0.5]
    """
    check_wrong(wrong)
    truth = np.asarray(truth)
    return np.where(truth < 0, 0.5, np.where(truth == 1, 1 - wrong, wrong))


def check_wrong(wrong):
    """Raises `ValueError` for a share of wrong answers that is out of range."""
    if not 0 <= wrong < 0.5:
        raise ValueError(
            "Argument `wrong` must be the share of wrong answers, at least 0 "
            "and below 0.5, where answers would say nothing. "
            f"Received: wrong={wrong}"
        )


def expected_information(
    probabilities: npt.ArrayLike, truth: npt.ArrayLike, wrong: float = WRONG
) -> np.ndarray:
    """Computes how much the answer to each question is expected to tell.

    Formula, with the entropy `h(x) = -x log2(x) - (1 - x) log2(1 - x)` and the
    chance `yes` of `chance_of_yes` for each class:

    ```python
    information = h(sum(p * yes)) - sum(p * h(yes))
    ```

    This is the mutual information of the answer and the class.

    Args:
        probabilities: Class probabilities of shape `(..., classes)`.
        truth: Integers of shape `(questions, classes)`.
        wrong: As of `chance_of_yes`.

    Returns:
        Float64 array of shape `(..., questions)`, in bits: 0 to 1.

    Example:

    >>> bits = expected_information([0.5, 0.5], [[1, 0], [1, 1]], wrong=0)
    >>> bits.tolist()
    [1.0, 0.0]
    """
    yes = chance_of_yes(truth, wrong)
    probabilities = np.asarray(probabilities, "float64")
    answer = _entropy(probabilities @ yes.T)
    known = probabilities @ _entropy(yes).T
    return np.maximum(answer - known, 0.0)


def best_question(
    probabilities: npt.ArrayLike,
    truth: npt.ArrayLike,
    wrong: float = WRONG,
    asked: Collection[int] = (),
) -> int | None:
    """Returns the question whose answer is expected to tell most.

    Args:
        probabilities: Class probabilities of shape `(classes,)`.
        truth: Integers of shape `(questions, classes)`.
        wrong: As of `chance_of_yes`.
        asked: Places of the questions that were asked already. Defaults to
            `()`.

    Returns:
        Its place, the first one of those that are equal; `None` if no question
        tells at least 0.01 bits.
    """
    information = expected_information(probabilities, truth, wrong)
    information[list(asked)] = -1.0
    best = int(information.argmax())
    return best if information[best] >= LEAST_INFORMATION else None


def reweighted(
    probabilities: npt.ArrayLike,
    truth: npt.ArrayLike,
    answer: bool | None,
    wrong: float = WRONG,
) -> np.ndarray:
    """Returns the probabilities after an answer, by Bayes' rule.

    Args:
        probabilities: Class probabilities of shape `(classes,)`.
        truth: Integers of shape `(classes,)`, of the question.
        answer: `True` for yes, `False` for no, `None` for "don't know".
        wrong: As of `chance_of_yes`.

    Returns:
        Float64 array of shape `(classes,)` that sums to 1.

    Example:

    >>> reweighted([0.5, 0.5], [1, 0], True).round(3).tolist()
    [0.9, 0.1]
    """
    probabilities = np.asarray(probabilities, "float64")
    yes = chance_of_yes(truth, wrong)
    if answer is None:
        return probabilities
    weights = probabilities * (yes if answer else 1 - yes)
    total = weights.sum()
    # With `wrong` 0 an answer may contradict every class.
    return weights / total if total > 0 else probabilities


def _entropy(share):
    """Entropy of yes and no in bits; 0 for a share of 0 or 1."""
    share = np.clip(share, 0.0, 1.0)
    rest = 1 - share
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = -share * np.log2(share) - rest * np.log2(rest)
    return np.where((share > 0) & (rest > 0), bits, 0.0)
