"""Counts which class is taken for which, in bounded space."""

import collections

import numpy as np

# With more classes the matrix would have hundreds of MB of zeros in a report.
MOST_IN_MATRIX = 300
MOST_LISTED = 10_000
MOST_DRAWN = 1000
MOST_PAIRS = 10
MOST_ALIKE = 3


class Confusions:
    """The pairs of a true and a predicted class that occur.

    Args:
        labels: True classes, integers `(n,)`.
        predicted: Predicted classes, integers `(n,)`.
        classes: Number of classes.
    """

    def __init__(self, labels, predicted, classes):
        pairs = np.stack([labels, predicted], axis=1).astype("int64")
        self.pairs, self.counts = np.unique(pairs, axis=0, return_counts=True)
        self.classes = classes
        self.of_class = np.bincount(labels, minlength=classes)

    def in_report(self):
        """Returns the entries of a report, strict JSON.

        `confusion` is a list of lists, a row for each true class; `None` with
        more than 300 classes, and then `confusions` is a list of `[true,
        predicted, count]` of the most frequent pairs, at most 10,000.
        """
        if self.classes <= MOST_IN_MATRIX:
            return {"confusion": self._matrix(self.classes).tolist()}
        most = np.argsort(-self.counts, kind="stable")[:MOST_LISTED]
        listed = np.column_stack([self.pairs, self.counts])[most]
        return {"confusion": None, "confusions": listed.tolist()}

    def _matrix(self, side):
        matrix = np.zeros((side, side), "int64")
        np.add.at(matrix, tuple(self.pairs.T), self.counts)
        return matrix

    def worst_pairs(self, class_names):
        """Returns the pairs that are taken for one another most often.

        Args:
            class_names: Names of the classes.
        """
        pairs = zip(self.pairs.tolist(), self.counts.tolist(), strict=True)
        found = {tuple(pair): count for pair, count in pairs}
        wrong = [(i, j, n) for (i, j), n in found.items() if i != j]
        # The sort is stable, so equal pairs stay in the order of the classes.
        wrong.sort(
            key=lambda pair: (-pair[2], -pair[2] / self.of_class[pair[0]])
        )
        return [
            {
                "true": str(class_names[i]),
                "predicted": str(class_names[j]),
                "count": count,
                "share": float(count / self.of_class[i]),
                "symmetric_share": float(
                    (count + found.get((j, i), 0))
                    / (self.of_class[i] + self.of_class[j])
                ),
            }
            for i, j, count in wrong[:MOST_PAIRS]
        ]


def drawn_matrix(measured):
    """Returns the matrix of counts to draw.

    Args:
        measured: The part of a report about one split.

    Returns:
        Array `(side, side)`, a row for each true class. With more than 1000
        classes a row stands for several.
    """
    if measured["confusion"] is not None:
        return np.array(measured["confusion"])
    classes = len(measured["per_class"])
    side = min(classes, MOST_DRAWN)
    true, predicted, counts = np.array(measured["confusions"], "int64").T
    matrix = np.zeros((side, side), "int64")
    places = (true * side // classes, predicted * side // classes)
    np.add.at(matrix, places, counts)
    return matrix


def confused_with(parts, class_names, most=MOST_ALIKE):
    """Lists what each class is taken for, or is taken for it.

    Args:
        parts: Parts of a report about splits, such as `report["test"]`; their
            mistakes are added.
        class_names: Names of the classes, in the order of the labels.
        most: Most names of a class. Defaults to `3`.

    Returns:
        Dictionary from a class to others, the most frequent first; without the
        classes that no mistake was made of.

    Example:

    >>> part = {"confusion": [[5, 2, 1], [0, 8, 0], [3, 0, 6]]}
    >>> confused_with([part], ["tit", "wren", "jay"], most=1)
    {'tit': ['jay'], 'wren': ['tit'], 'jay': ['tit']}
    """
    counts = collections.defaultdict(collections.Counter)
    for part in parts:
        for true, predicted, count in _mistakes(part):
            counts[true][predicted] += count
            counts[predicted][true] += count
    return {
        str(class_names[true]): [
            str(class_names[other])
            # Equal ones in the order of the classes.
            for other, _ in sorted(
                others.items(), key=lambda pair: (-pair[1], pair[0])
            )[:most]
        ]
        for true, others in counts.items()
    }


def _mistakes(part):
    """Yields the class, what it was taken for, and how often."""
    if part["confusion"] is None:
        rows = part["confusions"]
    else:
        rows = (
            (true, predicted, count)
            for true, row in enumerate(part["confusion"])
            for predicted, count in enumerate(row)
        )
    for true, predicted, count in rows:
        if true != predicted and count:
            yield true, predicted, count
