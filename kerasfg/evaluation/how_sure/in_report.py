"""The report's results for parts of the pictures and for each class."""

from __future__ import annotations

import numpy as np

from kerasfg.evaluation.how_sure.class_thresholds import check_precision
from kerasfg.evaluation.how_sure.class_thresholds import fit_class_thresholds
from kerasfg.evaluation.how_sure.class_thresholds import (
    measure_class_thresholds,
)
from kerasfg.evaluation.how_sure.columns import columns_of
from kerasfg.evaluation.how_sure.slices import accuracy_by
from kerasfg.evaluation.how_sure.slices import slices_of


def columns_of_test(pixels, splits, by, by_table=None, precision=None):
    """Finds the columns of the test pictures, before anything is evaluated.

    Args:
        pixels: A `kerasfg.data.PixelCache`.
        splits: Array with `"train"`, `"val"` or `"test"` for each picture.
        by: As of `columns_of`.
        by_table: As of `columns_of`. Defaults to `None`.
        precision: As of `fit_class_thresholds`, which is checked. Defaults to
            `None`.

    Returns:
        Dictionary from each name to the texts of the test pictures.

    Raises:
        ValueError: If there is no such column, no test picture has a value, or
            it has too many different words.
    """
    if precision is not None:
        check_precision(precision)
    test = np.flatnonzero(splits == "test")
    found = {}
    for name, texts in columns_of(pixels, by, by_table).items():
        found[name] = [texts[row] for row in test]
        if not any(found[name]):
            raise ValueError(
                "At least one test picture must have a value to compare by. "
                f"Received: by={name!r}, empty for all {len(test)}"
            )
        slices_of(found[name], name)
    return found


def add_how_sure(report, calibrated, columns, precision=None, groups=None):
    """Adds `slices` and `class_thresholds` to a report.

    The report itself has the `class_thresholds` for predicting, its `val` the
    `classes` of `fit_class_thresholds`, and its `test` the measures.

    Args:
        report: Result of `kerasfg.evaluation.evaluate_predictions`.
        calibrated: By `"val"` and `"test"`, labels and probabilities after
            `apply_temperature`.
        columns: Result of `columns_of_test`.
        precision: As of `fit_class_thresholds`. Defaults to `None`: there are
            no thresholds of classes.
        groups: Integers of the test pictures, as of `share_interval`. Defaults
            to `None`.
    """
    if columns:
        report["test"]["slices"] = {
            name: accuracy_by(*calibrated["test"], values, groups, name)
            for name, values in columns.items()
        }
    if precision is not None:
        fitted = fit_class_thresholds(*calibrated["val"], precision)
        report["val"]["class_thresholds"] = fitted["classes"]
        report["class_thresholds"] = {
            key: fitted[key] for key in ("precision", "common", "thresholds")
        }
        report["test"]["class_thresholds"] = measure_class_thresholds(
            *calibrated["test"], fitted, groups
        )
