"""The accuracy of each class as a table, `per_class.csv`."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from typing import Any

from kerasfg.atomic_file import replacing
from kerasfg.terminal_text import COMPUTED

SHARES = ("accuracy", "precision")


def write_per_class(
    report: Mapping[str, Any], filepath: str | os.PathLike[str]
) -> None:
    """Writes a row for each class, the worst first.

    The columns are `class`, `n` (test pictures), `accuracy`, `precision` and
    `f1`, each as a share; `accuracy_low` to `precision_high`, the ends of 95 %
    intervals. What is of no picture is empty. A name at which a spreadsheet
    would compute has a `'` in front.

    Args:
        report: Dict as `kerasfg.evaluation.evaluate_predictions` returns it.
        filepath: Path of the CSV file. It is replaced when the new one is
            whole.
    """
    ends = [f"{name}_{end}" for name in SHARES for end in ("low", "high")]
    with (
        replacing(filepath) as path,
        # A name that is not UTF-8 is written with backslashes.
        path.open(
            "w", encoding="utf-8", errors="backslashreplace", newline=""
        ) as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("class", "n", *SHARES, "f1", *ends))
        for row in worst_first(report["test"]["per_class"]):
            shares = [_text(row[name]) for name in (*SHARES, "f1")]
            for name in SHARES:
                interval = row.get(f"{name}_interval") or (None, None)
                shares += map(_text, interval)
            writer.writerow((_safe(row["class"]), row["n"], *shares))


def worst_first(per_class):
    """Orders classes by accuracy; those without a picture come last."""
    return sorted(
        per_class,
        key=lambda row: 2 if row["accuracy"] is None else row["accuracy"],
    )


def _text(share):
    return "" if share is None else f"{share:.4f}"


def _safe(name):
    return f"'{name}" if name.startswith(COMPUTED) else name
