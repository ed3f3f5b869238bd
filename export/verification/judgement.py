"""Compares the probabilities of an exported file with those of Keras."""

import dataclasses
import math

import numpy as np

ABOVE_CHANCE = 0.2
NOT_JUDGED = "It cannot be judged."


@dataclasses.dataclass(frozen=True)
class Judgement:
    """Result of a comparison.

    `kerasfg.export.Verification` documents the attributes.
    """

    max_difference: float
    mean_difference: float
    top_1_agreement: float
    accuracy: float | None
    keras_accuracy: float | None
    failures: tuple[str, ...]
    notes: tuple[str, ...]


def judge(given, expected, labels, limits):
    """Compares probabilities of a file with those of Keras.

    Agreement and accuracy are limited only if Keras is at least 20 points
    above chance on the labelled pictures, or if there are no labels.

    Args:
        given: Probabilities of the file, `(pictures, classes)`.
        expected: Probabilities of Keras, of the same shape.
        labels: Integer classes `(pictures,)`, or `None`.
        limits: `Limits`.

    Returns:
        A `Judgement`.
    """
    difference = np.abs(given - expected)
    changed = ~_agree(given, expected, _tie(limits))
    right, keras_right = _right(given, labels), _right(expected, labels)
    chance = 1 / expected.shape[1]
    failures, notes = _judge_classes(
        changed, right, keras_right, chance, limits
    )
    return Judgement(
        max_difference=float(difference.max()),
        mean_difference=float(difference.mean()),
        top_1_agreement=float(1 - changed.mean()),
        accuracy=None if right is None else float(right.mean()),
        keras_accuracy=None if right is None else float(keras_right.mean()),
        failures=_present(_difference_failure(difference, limits), *failures),
        notes=_present(*notes),
    )


def _present(*sentences):
    return tuple(sentence for sentence in sentences if sentence)


def _right(probabilities, labels):
    if labels is None:
        return None
    return probabilities.argmax(axis=1) == np.asarray(labels)


def _judge_classes(changed, right, keras_right, chance, limits):
    """Returns lists of failures and of notes, which may contain `None`."""
    agreement, drop = limits.agreement, limits.accuracy_drop
    if right is None:
        note = None
        if drop is not None:
            agreement = max(agreement or 0.0, 1 - drop)
            note = "Without labels it was judged by agreement, not accuracy."
        return [_agreement_failure(changed, agreement)], [note]
    if _is_near_chance(keras_right, chance):
        note = (
            f"Keras is right for {_percent(keras_right.mean())} of the "
            f"pictures, hardly more than chance ({_percent(chance)}): top "
            "classes are not compared."
        )
        failure = None if drop is None else f"{NOT_JUDGED} {note}"
        return [failure], [note]
    return [
        _agreement_failure(changed, agreement),
        _drop_failure(right, keras_right, drop),
    ], []


def _tie(limits):
    """Returns the difference of Keras's probabilities that counts as a tie."""
    if limits.agreement is None or limits.max_difference is None:
        return 0.0
    return limits.max_difference


def _agree(given, expected, tie):
    rows = np.arange(len(given))
    behind = expected.max(axis=1) - expected[rows, given.argmax(axis=1)]
    return (behind == 0) | (behind < tie)


def _is_near_chance(keras_right, chance):
    # Rounded, since 0.3 - 0.1 is slightly less than 0.2 in floating point.
    return round(keras_right.mean() - chance, 9) < ABOVE_CHANCE


def _percent(share):
    return f"{100 * share:.1f} %"


def _allowed(share, pictures):
    return max(1, math.floor(share * pictures + 1e-9))


def _difference_failure(difference, limits):
    worst = int(np.argmax(difference.max(axis=1)))
    largest = difference[worst].max()
    if limits.max_difference is None or largest <= limits.max_difference:
        return None
    return (
        f"A probability of picture {worst} of {len(difference)} differs by "
        f"{largest:.2g} from Keras's, more than {limits.max_difference:g}."
    )


def _agreement_failure(changed, agreement):
    if agreement is None:
        return None
    count = int(changed.sum())
    allowed = 0 if agreement == 1 else _allowed(1 - agreement, len(changed))
    if count <= allowed:
        return None
    return (
        f"It predicts another class than Keras for {count} of {len(changed)} "
        f"pictures, first for picture {int(np.argmax(changed))}; allowed: "
        f"{allowed}."
    )


def _drop_failure(right, keras_right, drop):
    if drop is None:
        return None
    lost = int(keras_right.sum()) - int(right.sum())
    allowed = _allowed(drop, len(right))
    if lost <= allowed:
        return None
    return (
        f"It is right for {_percent(right.mean())} of {len(right)} pictures, "
        f"Keras for {_percent(keras_right.mean())}: {lost} fewer; allowed: "
        f"{allowed}."
    )
