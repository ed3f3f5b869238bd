"""The question whose answer gives most information about a picture.

Each function is a few lines on lists of numbers, so that a page can have the
same in JavaScript. A question has two options or more, such as yes and no, or
colours; several may be true of a class. A share `wrong` of the answers is
wrong; "don't know" changes nothing.
"""

from __future__ import annotations

import dataclasses
import reprlib
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

WRONG = 0.1
MOST_QUESTIONS = 2
# More are too many to read. A question with more is not asked.
MOST_OPTIONS = 15
# The least information that a question must be expected to give, in bits.
LEAST_INFORMATION = 0.01
YES_NO = ("yes", "no")


@dataclasses.dataclass(frozen=True, eq=False)
class Question:
    """A question about what a picture shows.

    Attributes:
        text: Its words, such as `"Bill shape?"`.
        options: The possible answers.
        truth: Integers of shape `(classes, options)`: 1 where the option is
            true of the class. A row of zeros is of a class without known
            values.
    """

    text: str
    options: tuple[str, ...]
    truth: np.ndarray


def questions_of(
    class_attributes: Mapping[str, Mapping[str, str]],
    class_names: Sequence[str],
) -> list[Question]:
    """Makes the questions that a table of attributes can answer.

    An attribute of yes and no is a question of its own, unless there are
    several whose names begin alike, such as `bill_color::red` and
    `bill_color::black`: these are one question with an option for each. Other
    attributes have their values as options.

    Args:
        class_attributes: `{class: {attribute: value}}`, as
            returned by `AttributeTable.by_class` and stored in `kerasfg.json`;
            unknown values are left out.
        class_names: Names of the classes, in the order of the labels.

    Returns:
        List of `Question`, in the order of the attributes. Left out are those
        that distinguish no two classes, and those with more than 15 options.

    Raises:
        ValueError: If a value is not a text.

    Example:

    >>> table = {"crow": {"bill": "long"}, "gull": {"bill": "hooked"}}
    >>> questions_of(table, ["crow", "gull"])[0].options
    ('hooked', 'long')
    """
    rows = [class_attributes.get(name, {}) for name in class_names]
    attributes = dict.fromkeys(name for row in rows for name in row)
    for value in (value for row in rows for value in row.values()):
        if not isinstance(value, str):
            raise ValueError(
                "Argument `class_attributes` must have texts as values. "
                f"Received: {reprlib.repr(value)}"
            )
    families: dict[str, list[str]] = {}
    for name in attributes:
        families.setdefault(name.partition("::")[0], []).append(name)
    found = []
    for family, members in families.items():
        if len(members) > 1 and all(_is_yes_no(rows, x) for x in members):
            found.append(_of_family(family, members, rows))
        else:
            found += [_of_attribute(name, rows) for name in members]
    return [question for question in found if _divides(question)]


def chances(truth: npt.ArrayLike, wrong: float = WRONG) -> np.ndarray:
    """Returns how likely each answer is where a class is the true one.

    The options that are true share `1 - wrong`, the others `wrong`; where all
    are alike, so are their chances.

    Args:
        truth: As of `Question`, of shape `(classes, options)`.
        wrong: Share of wrong answers, from 0 to below 0.5. Defaults to `0.1`.

    Returns:
        Float64 array of shape `(classes, options)`, whose rows sum to 1.

    Raises:
        ValueError: If `wrong` is out of range.

    Example:

    >>> chances([[1, 0, 0], [1, 1, 0], [0, 0, 0]]).round(2).tolist()
    [[0.9, 0.05, 0.05], [0.45, 0.45, 0.1], [0.33, 0.33, 0.33]]
    """
    check_wrong(wrong)
    is_true = np.asarray(truth) == 1
    options = is_true.shape[1]
    true = is_true.sum(axis=1, keepdims=True)
    shares = np.where(
        is_true,
        (1 - wrong) / np.maximum(true, 1),
        wrong / np.maximum(options - true, 1),
    )
    alike = (true == 0) | (true == options)
    return np.where(alike, 1 / options, shares)


def check_wrong(wrong):
    """Raises `ValueError` for a share of wrong answers that is out of range."""
    if not 0 <= wrong < 0.5:
        raise ValueError(
            "Argument `wrong` must be the share of wrong answers, at least 0 "
            "and below 0.5. "
            f"Received: wrong={wrong}"
        )


def expected_information(
    probabilities: npt.ArrayLike, chance: npt.ArrayLike
) -> np.ndarray:
    """Computes the expected information of the answer to a question.

    It is the mutual information of the answer and the class. Formula, with the
    entropy `h(x) = -sum(x * log2(x))`:

    ```python
    information = h(answers) - sum(p * h(chance[c]) for c, p in classes)
    answers = sum(p * chance[c] for c, p in classes)
    ```

    Args:
        probabilities: Class probabilities of shape `(..., classes)`.
        chance: Result of `chances`, of shape `(classes, options)`.

    Returns:
        Float64 array of shape `(...)`, in bits.

    Example:

    >>> float(expected_information([0.5, 0.5], chances([[1, 0], [0, 1]], 0)))
    1.0
    """
    probabilities = np.asarray(probabilities, "float64")
    chance = np.asarray(chance, "float64")
    gain = _entropy(probabilities @ chance) - probabilities @ _entropy(chance)
    return np.maximum(gain, 0.0)


def best_question(
    probabilities: npt.ArrayLike,
    all_chances: Sequence[npt.ArrayLike],
    asked: Collection[int] = (),
) -> int | None:
    """Returns the question with the most expected information.

    Args:
        probabilities: Class probabilities of shape `(classes,)`.
        all_chances: The `chances` of each question.
        asked: Places of the questions that were asked already. Defaults to
            `()`.

    Returns:
        Its place, the first one of those that are equal; `None` if no question
        gives at least 0.01 bits.
    """
    best, most = None, LEAST_INFORMATION
    for place, chance in enumerate(all_chances):
        if place in asked:
            continue
        gain = float(expected_information(probabilities, chance))
        if gain > most or (best is None and gain == most):
            best, most = place, gain
    return best


def reweighted(
    probabilities: npt.ArrayLike,
    chance: npt.ArrayLike,
    answer: int | None,
) -> np.ndarray:
    """Returns the probabilities after an answer, by Bayes' rule.

    Args:
        probabilities: Class probabilities of shape `(classes,)`.
        chance: Result of `chances` for the question.
        answer: Place of the option, or `None` for "don't know".

    Returns:
        Float64 array of shape `(classes,)` that sums to 1.

    Example:

    >>> reweighted([0.5, 0.5], chances([[1, 0], [0, 1]]), 0).round(2).tolist()
    [0.9, 0.1]
    """
    probabilities = np.asarray(probabilities, "float64")
    if answer is None:
        return probabilities
    weights = probabilities * np.asarray(chance, "float64")[:, answer]
    total = weights.sum()
    # Without wrong answers one may contradict every class.
    return weights / total if total > 0 else probabilities


def ask(
    probabilities: npt.ArrayLike,
    questions: Sequence[Question],
    reply: Callable[[Question], int | None],
    threshold: float | Sequence[float] = 1.0,
    wrong: float = WRONG,
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Asks about a picture until its class is sure, at most two questions.

    Args:
        probabilities: Class probabilities of shape `(classes,)`, after
            `apply_temperature`.
        questions: Result of `questions_of`.
        reply: Function from a `Question` to the place of the option, or to
            `None` for "don't know".
        threshold: Probability from which on the class is sure, one for all or
            one for each. Defaults to `1.0`.
        wrong: As of `chances`.

    Returns:
        Tuple of the probabilities after the answers and a list of the
        questions, dicts of `question` and `answer`, the option or `None`.

    Example:

    >>> red = {"rose": {"red": "yes"}, "lily": {"red": "no"}}
    >>> questions = questions_of(red, ["rose", "lily"])
    >>> after, asked = ask([0.5, 0.5], questions, lambda question: 1)
    >>> after.round(3).tolist(), asked
    ([0.1, 0.9], [{'question': 'Red?', 'answer': 'no'}])
    """
    beliefs = np.asarray(probabilities, "float64")
    table = [chances(question.truth, wrong) for question in questions]
    places, asked = [], []
    limits = np.broadcast_to(threshold, beliefs.shape)
    while len(places) < MOST_QUESTIONS:
        if beliefs.max() >= limits[beliefs.argmax()]:
            break
        best = best_question(beliefs, table, places)
        if best is None:
            break
        question = questions[best]
        answer = reply(question)
        beliefs = reweighted(beliefs, table[best], answer)
        places.append(best)
        option = None if answer is None else question.options[answer]
        asked.append({"question": question.text, "answer": option})
    return beliefs, asked


def words(name: str) -> str:
    """Returns the name of an attribute or value as words.

    >>> words("has_bill_shape"), words("curved_(up_or_down)")
    ('bill shape', 'curved (up or down)')
    """
    text = " ".join(name.replace("_", " ").split())
    return text.removeprefix("has ").removeprefix("is ") or name


def _is_yes_no(rows, name):
    return {row[name] for row in rows if name in row} <= set(YES_NO)


def _of_family(family, members, rows):
    """The question of attributes such as bill_color::red."""
    known = [name for name in members if _any_is(rows, name, "yes")]
    truth = [[int(row.get(name) == "yes") for name in known] for row in rows]
    options = tuple(words(name.partition("::")[2]) for name in known)
    return _question(family, options, truth, len(rows))


def _of_attribute(name, rows):
    values = {row[name] for row in rows if name in row}
    options = YES_NO if values <= set(YES_NO) else tuple(sorted(values))
    truth = [[int(row.get(name) == x) for x in options] for row in rows]
    shown = tuple(words(option) for option in options)
    return _question(name.replace("::", " "), shown, truth, len(rows))


def _any_is(rows, name, value):
    return any(row.get(name) == value for row in rows)


def _question(name, options, truth, classes):
    text = words(name)
    table = np.array(truth, "int64").reshape(classes, len(options))
    return Question(f"{text[:1].upper()}{text[1:]}?", options, table)


def _divides(question):
    known = question.truth[question.truth.any(axis=1)]
    alike = not len(known) or (known == known[0]).all()
    return not alike and 2 <= len(question.options) <= MOST_OPTIONS


def _entropy(shares):
    """Entropy of the last axis, in bits."""
    positive = np.where(shares > 0, shares, 1.0)
    return -(positive * np.log2(positive)).sum(axis=-1)
