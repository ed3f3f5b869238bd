"""How well features separate classes, and kinds of classes."""

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kerasfg.evaluation.display import display_name


def silhouettes(features, labels, table=None):
    """Computes the mean silhouette by class and by each attribute.

    Formula, for a sample with the mean distance `a` to the others of its group
    and the mean distance `b` to the nearest other group; 0 for a group of one
    sample:

    ```python
    silhouette = (b - a) / max(a, b)
    ```

    Args:
        features: Float array of shape `(n, dim)`.
        labels: Classes, integers of shape `(n,)`.
        table: `AttributeTable` with the classes in the order of the labels.
            Samples whose value is unknown do not count. Defaults to `None`: by
            class only.

    Returns:
        Dict that is strict JSON: `class`, a float in [-1, 1], and `attributes`,
        a dict from each name to such a float. `None` where there are not two
        groups, or no group has two samples.

    Example:

    >>> found = silhouettes([[0.0], [1.0], [8.0], [9.0]], [0, 0, 1, 1])
    >>> round(found["class"], 3)  # the mean of 7.5 / 8.5 and 6.5 / 7.5
    0.875

    Reference:

    - Rousseeuw, 1987, Silhouettes: A Graphical Aid to the Interpretation and
      Validation of Cluster Analysis
    """
    features, labels = np.asarray(features), np.asarray(labels)
    columns = (
        {}
        if table is None
        else dict(zip(table.attributes, table.values.T, strict=True))
    )
    return {
        "class": _score(features, labels),
        "attributes": {
            str(name): _score(features, values[labels])
            for name, values in columns.items()
        },
    }


def print_silhouettes(scores, console=None):
    """Prints the silhouettes of models side by side.

    Args:
        scores: Dict from the name of each model to what `silhouettes` gives,
            all of them by the same attributes.
        console: `rich.console.Console` to print to. Defaults to `None`: the
            standard output.
    """
    console = Console() if console is None else console
    table = Table(
        title=Text("Silhouettes", "bold cyan"),
        title_justify="left",
        box=SIMPLE_HEAD,
        header_style="dim",
        pad_edge=False,
        show_edge=False,
    )
    table.add_column("by")
    for name in scores:
        table.add_column(Text(display_name(name, 32)), justify="right")
    table.add_row("class", *(_number(s["class"]) for s in scores.values()))
    for name in next(iter(scores.values()))["attributes"]:
        numbers = [_number(s["attributes"][name]) for s in scores.values()]
        table.add_row(Text(display_name(name, 32)), *numbers)
    console.print()
    console.print(table)
    console.print()


def _score(features, groups):
    from sklearn.metrics import silhouette_score  # slow

    known = groups >= 0
    if not 2 <= len(np.unique(groups[known])) < known.sum():
        return None
    return float(silhouette_score(features[known], groups[known]))


def _number(score):
    return "\N{EN DASH}" if score is None else f"{score:.3f}"
