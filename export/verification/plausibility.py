"""Whether answers to labelled pictures can be those of the right classes."""

import numpy as np

CHANCE = 0.05  # probability of such an agreement by chance
_EXCHANGE = 0.05  # divided by the number of classes
_MOST = 0.8  # share of the classes of a cycle
_NAMED = 6  # exchanged classes that a message lists


def check_plausible(labels, probabilities, class_names, argument="labels"):
    """Checks that a model beats chance, and that no classes are exchanged.

    Args:
        labels: Integer class of each picture, shape `(pictures,)`.
        probabilities: Of the same pictures, shape `(pictures, classes)`.
        class_names: Names of the classes.
        argument: Name of the argument for the names of the classes, or `None`
            if they are those of the model or the data. Defaults to `"labels"`.

    Raises:
        ValueError: If the accuracy is no better than chance, or if the answers
            show that names of classes are exchanged.
    """
    answers = np.argmax(probabilities, axis=1)
    exchanged = exchanged_classes(labels, answers, len(class_names))
    if exchanged:
        pairs = [
            f"{class_names[i]!r} as {class_names[j]!r}"
            for i, j in list(exchanged.items())[:_NAMED]
        ]
        more = len(exchanged) - len(pairs)
        raise ValueError(
            f"The model takes pictures of {', '.join(pairs)}"
            f"{f' and {more} more classes so' if more else ''}: the names of "
            "its classes are in another order. "
            f"{_advice(argument)} Received: accuracy="
            f"{accuracy(labels, answers):.3f} on {len(labels)} pictures"
        )
    if is_chance(labels, answers):
        raise ValueError(
            "The model is no better than chance on these pictures: its pixel "
            "range, its crop or the order of its classes is wrong, or it was "
            "not trained; `untrained` accepts it as it is. Received: "
            f"accuracy={accuracy(labels, answers):.3f} on {len(labels)} "
            f"pictures of {len(class_names)} classes"
        )


def _advice(argument):
    if argument is None:
        return (
            "Correct the model's `class_names`, if it has some, and save it "
            "again, or the names of the folders of pictures."
        )
    return f"Give them in the order of its outputs, by `{argument}`."


def accuracy(labels, answers):
    """Returns the share of answers that are the labels."""
    return float(np.mean(np.asarray(labels) == np.asarray(answers)))


def is_chance(labels, answers):
    """Returns whether answers agree with labels no more often than by chance.

    A binomial test: answers of the same frequencies that do not depend on the
    picture would be right at least as often in more than one of twenty cases.
    So a model that always names the most frequent class is at chance.

    Args:
        labels: Integer class of each picture.
        answers: Integer answer to each picture.

    Example:

    >>> is_chance([0, 1] * 20, [0, 1] * 20), is_chance([0, 1] * 20, [0] * 40)
    (False, True)
    """
    from scipy.stats import binom

    labels, answers = np.asarray(labels), np.asarray(answers)
    classes = int(max(labels.max(), answers.max())) + 1
    shares = [np.bincount(x, minlength=classes) for x in (labels, answers)]
    expected = float(shares[0] @ shares[1]) / len(labels) ** 2
    right = int(np.sum(labels == answers))
    return bool(binom.sf(right - 1, len(labels), expected) > CHANCE)


def exchanged_classes(labels, answers, num_classes):
    """Finds classes whose answers are clearly exchanged.

    The assignment of answers to classes that fits best is compared with the
    given one. A cycle in it counts if for at least four in five of its classes
    most pictures are answered as the next class, and not by chance.

    Args:
        labels: Integer class of each picture.
        answers: Integer answer to each picture.
        num_classes: Number of classes.

    Returns:
        `{class: class that its pictures are taken for}`; empty if none.

    Example:

    >>> labels = np.arange(30) % 3
    >>> exchanged_classes(labels, np.array([0, 2, 1])[labels], 3)
    {1: 2, 2: 1}
    """
    from scipy.optimize import linear_sum_assignment

    confusion = np.zeros((num_classes, num_classes), int)
    np.add.at(confusion, (np.asarray(labels), np.asarray(answers)), 1)
    _, assigned = linear_sum_assignment(confusion, maximize=True)
    found = {}
    for cycle in _cycles(assigned):
        if _is_clear(confusion, cycle, num_classes):
            found |= cycle
    return found


def _cycles(assigned):
    """Yields each cycle of a permutation as `{class: next class}`."""
    left = set(range(len(assigned)))
    while left:
        start = current = min(left)
        cycle = {}
        while current in left:
            left.remove(current)
            cycle[current] = int(assigned[current])
            current = cycle[current]
        if cycle[start] != start:
            yield cycle


def _is_clear(confusion, cycle, num_classes):
    from scipy.stats import binom

    # A class without pictures is no evidence.
    rows = {i: j for i, j in cycle.items() if confusion[i].sum()}
    most = [2 * confusion[i, j] > confusion[i].sum() for i, j in rows.items()]
    if len(rows) < 2 or np.mean(most) < _MOST:
        return False
    other = sum(confusion[i, j] for i, j in rows.items())
    own = sum(confusion[i, i] for i in rows)
    by_chance = binom.sf(other - 1, other + own, 0.5)
    return bool(by_chance < _EXCHANGE / num_classes)
