"""How often a classifier takes one kind of class for another kind."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

import numpy as np
import numpy.typing as npt

from kerasfg.evaluation.how_sure.intervals import wilson_interval

if TYPE_CHECKING:
    from kerasfg.data.attributes import AttributeTable


def attribute_confusion(
    labels: npt.ArrayLike, predicted: npt.ArrayLike, table: AttributeTable
) -> dict[str, Any]:
    """Counts how often the predicted class has another attribute value.

    Formula, for the values `a` of an attribute, -1 where unknown:

    ```python
    known = (a[labels] >= 0) & (a[predicted] >= 0)
    rate = mean(a[labels[known]] != a[predicted[known]])
    ```

    Only a mistake can be confused so, and a classifier with fewer mistakes has
    a lower rate. Compare `share_of_mistakes` with
    `chance_share` to see whether mistakes stay within an attribute.

    Args:
        labels: True classes, integers of shape `(n,)`.
        predicted: Predicted classes, integers of shape `(n,)`.
        table: `AttributeTable` with the classes in the order of the labels.

    Returns:
        Dict that is strict JSON, from the name of each attribute to a dict of

        - `n`: samples whose two values are known; the rest is about these;
        - `confused` (how many have two values), `rate` and `interval` (Wilson,
          95 %);
        - `mistakes` (predicted as another class), `share_of_mistakes` (how
          many of them are confused), and `chance_share` (how many would be if
          each mistake had hit any other class alike);
        - `value_names` and `matrix` (list of lists of counts, a row for each
          true value).

        Undefined values are `None`.

    Raises:
        ValueError: If the arguments do not fit together.

    Example:

    >>> from kerasfg.data.attributes import AttributeTable
    >>> table = AttributeTable(
    ...     ["fox", "wolf", "seal"], ["water"], [[0], [0], [1]], [["no", "yes"]]
    ... )
    >>> water = attribute_confusion([0, 0, 1, 2], [0, 1, 2, 2], table)["water"]
    >>> water["rate"], water["share_of_mistakes"], water["matrix"]
    (0.25, 0.5, [[2, 1], [0, 1]])

    Reference:

    - Enhancing Fine-Grained Classification for Low Resolution Images (Singh et
      al.), section III
    """
    classes = len(table.values)
    labels = _check("labels", labels, classes)
    predicted = _check("predicted", predicted, classes)
    if labels.shape != predicted.shape:
        raise ValueError(
            "Arguments `labels` and `predicted` must be of one length. "
            f"Received: {len(labels)} labels, {len(predicted)} predicted"
        )
    return {
        str(name): _confusion(labels, predicted, values, value_names)
        for name, values, value_names in zip(
            table.attributes, table.values.T, table.value_names, strict=True
        )
    }


def _confusion(labels, predicted, values, value_names):
    true, answers = values[labels], values[predicted]
    known = (true >= 0) & (answers >= 0)
    matrix = np.zeros((len(value_names),) * 2, "int64")
    np.add.at(matrix, (true[known], answers[known]), 1)
    n, confused = int(known.sum()), int(matrix.sum() - matrix.trace())
    wrong = labels[known & (labels != predicted)]
    return {
        "n": n,
        "confused": confused,
        "rate": confused / n if n else None,
        "interval": list(wilson_interval(confused, n)) if n else None,
        "mistakes": len(wrong),
        "share_of_mistakes": confused / len(wrong) if len(wrong) else None,
        "chance_share": _chance(wrong, values) if len(wrong) else None,
        "value_names": [str(name) for name in value_names],
        "matrix": matrix.tolist(),
    }


def _chance(wrong, values):
    """Share that differs, of all known classes that could have been hit."""
    known = values >= 0
    alike = np.bincount(values[known])[values[wrong]]
    return float(((known.sum() - alike) / (known.sum() - 1)).mean())


def _check(
    argument: str, classes: npt.ArrayLike, num_classes: int
) -> np.ndarray:
    indices = np.asarray(classes)
    if indices.ndim != 1 or not len(indices) or indices.dtype.kind not in "iu":
        raise ValueError(
            f"Argument `{argument}` must hold integers, of shape `(n,)` with "
            f"at least one. Received: {argument}.shape={indices.shape}, "
            f"{argument}.dtype={indices.dtype}"
        )
    if indices.min() < 0 or indices.max() >= num_classes:
        raise ValueError(
            f"Argument `{argument}` must lie in [0, {num_classes}), as the "
            f"table has {num_classes} classes. Received: {argument} from "
            f"{indices.min()} to {indices.max()}"
        )
    return indices
