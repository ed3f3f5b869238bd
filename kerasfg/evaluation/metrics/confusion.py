"""Counts which class is taken for which, in bounded space."""

import collections

import numpy as np

# With more classes the matrix would have hundreds of MB of zeros in a report.
MOST_IN_MATRIX = 300
MOST_LISTED = 100_000
MOST_DRAWN = 50
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
        predicted, count]` of the pairs that occur, the most frequent first, at
        most 100,000.
        """
        if self.classes <= MOST_IN_MATRIX:
            matrix = np.zeros((self.classes, self.classes), "int64")
            np.add.at(matrix, tuple(self.pairs.T), self.counts)
            return {"confusion": matrix.tolist()}
        most = np.argsort(-self.counts, kind="stable")[:MOST_LISTED]
        listed = np.column_stack([self.pairs, self.counts])[most]
        return {"confusion": None, "confusions": listed.tolist()}

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


def drawn_counts(measured):
    """Chooses the classes to draw, and counts what they are taken for.

    Args:
        measured: The part of a report about one split.

    Returns:
        Tuple of the drawn classes, integers in the order of the labels, and
        their counts, a row for each. Up to 50 classes are all drawn, and the
        counts are the whole matrix. Of more, these are the 50 with the most
        mistakes, and a last column counts what is taken for any other class.

    Example:

    >>> of_all = {"confusion": [[5, 2], [0, 8]], "per_class": [{}, {}]}
    >>> drawn_counts(of_all)[1].tolist()
    [[5, 2], [0, 8]]
    """
    classes = len(measured["per_class"])
    pairs = np.array(list(_counted(measured)), "int64").reshape(-1, 3)
    true, predicted, counts = pairs.T
    if classes <= MOST_DRAWN:
        drawn = np.arange(classes)
    else:
        wrong = true != predicted
        mistakes = np.bincount(true[wrong], counts[wrong], minlength=classes)
        most = np.argsort(-mistakes, kind="stable")[:MOST_DRAWN]
        drawn = np.sort(most)
    places = np.full(classes, len(drawn))  # any other class
    places[drawn] = np.arange(len(drawn))
    table = np.zeros((len(drawn) + 1, len(drawn) + 1), "int64")
    np.add.at(table, (places[true], places[predicted]), counts)
    return drawn, table[:-1, : None if classes > len(drawn) else -1]


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
    for true, predicted, count in _counted(part):
        if true != predicted:
            yield true, predicted, count


def _counted(part):
    """Yields each pair of a true and a predicted class that occurs."""
    if part["confusion"] is None:
        yield from part["confusions"]
        return
    for true, row in enumerate(part["confusion"]):
        for predicted, count in enumerate(row):
            if count:
                yield true, predicted, count
