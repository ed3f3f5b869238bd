"""The report over all folds of a cross-validation, `folds.json`.

It is a JSON object:

- `format`: 1;
- `classes`: the names of the classes;
- `folds`: for each fold its `run` (the name of its folder), `n` (test
  pictures), `top_1` and `top_1_interval` (95 %);
- `top_1`: `n`, `mean` and `spread` over the folds;
- `test`: the result of `kerasfg.evaluation.classification_metrics` over the
  test pictures of all folds, each tested once by the network that did not
  train on it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from kerasfg.evaluation.display import display_name
from kerasfg.evaluation.display import percent
from kerasfg.evaluation.display import percents
from kerasfg.evaluation.report import terminal_table
from kerasfg.evaluation.report.terminal_style import new_table
from kerasfg.given_file import read_given

FORMAT = 1
MAX_BYTES = 256 * 2**20
WIDE = 0.2  # between the ends of an interval: ± 10 points


def read_folds(filepath: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads a `folds.json`.

    Args:
        filepath: Path of the file.

    Returns:
        Its content.

    Raises:
        ValueError: If it is not the report of a training with folds.
    """
    contents = read_given(filepath, "A report of folds", MAX_BYTES)
    try:
        report = json.loads(contents.decode("utf-8"))
    except (ValueError, RecursionError):
        report = None
    if not isinstance(report, dict) or report.get("format") != FORMAT:
        raise ValueError(
            "The report of folds must be one of `kerasfg train --folds`: "
            "remove it and resume the training, which writes it again. "
            f"Received: filepath={str(filepath)!r}"
        )
    return report


def print_folds(
    report: Mapping[str, Any], console: Console | None = None
) -> None:
    """Prints the report over all folds as tables.

    Args:
        report: The content of a `folds.json`.
        console: `rich.console.Console` to print to. Defaults to `None`: the
            standard output.
    """
    console = Console() if console is None else console
    test = report["test"]
    for table in (
        _folds(report),
        terminal_table.classes_table(test["per_class"]),
        *filter(None, [terminal_table.pairs_table(test["worst_pairs"])]),
    ):
        console.print()
        console.print(table)
    console.print()


def is_wide(report: Mapping[str, Any]) -> bool:
    """Returns whether the interval of the accuracy is wider than ± 10 points.

    Args:
        report: Dict as `kerasfg.evaluation.evaluate_predictions` returns it.
    """
    low, high = report["test"]["top_1_interval"]
    return high - low > WIDE


def _folds(report):
    table = new_table("Folds")
    table.add_column("run", no_wrap=True)
    for header in ("n", "top-1", "95 % interval"):
        table.add_column(header, justify="right", no_wrap=True)
    for row in [*report["folds"], {"run": "together", **report["test"]}]:
        table.add_row(
            Text(display_name(row["run"])),
            f"{row['n']:,}",
            percent(row["top_1"]),
            percents(row["top_1_interval"]),
        )
    test = report["test"]
    balanced = percents(test["balanced_accuracy_interval"])
    table.caption = Text(
        f"Balanced accuracy {percent(test['balanced_accuracy'])} ({balanced}). "
        "Each picture was tested once, by the network that did not train on it."
    )
    return table
