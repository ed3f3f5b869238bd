"""Computes, writes and reads the report on a classifier."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from kerasfg.atomic_file import replacing
from kerasfg.evaluation.how_sure.intervals import share_interval
from kerasfg.evaluation.metrics.calibration import calibration_error
from kerasfg.evaluation.metrics.calibration import confidence_threshold
from kerasfg.evaluation.metrics.calibration import fit_temperature
from kerasfg.evaluation.metrics.calibration import negative_log_likelihood
from kerasfg.evaluation.metrics.classification import classification_metrics
from kerasfg.evaluation.metrics.prediction_sets import fit_sets
from kerasfg.evaluation.metrics.prediction_sets import sets_on_test
from kerasfg.evaluation.predictions import check_predictions
from kerasfg.evaluation.probabilities import Probabilities
from kerasfg.evaluation.report.terminal_table import print_report
from kerasfg.given_file import read_given

__all__ = [
    "evaluate_predictions",
    "print_report",
    "read_report",
    "write_report",
]

FORMAT = 1
SURE_ACCURACY = 0.9
MAX_BYTES = 256 * 2**20


def evaluate_predictions(
    val_labels: npt.ArrayLike,
    val_probabilities: npt.ArrayLike | Probabilities,
    test_labels: npt.ArrayLike,
    test_probabilities: npt.ArrayLike | Probabilities,
    class_names: Sequence[str],
    val_groups: npt.ArrayLike | None = None,
    test_groups: npt.ArrayLike | None = None,
) -> dict[str, Any]:
    """Measures a classifier on its validation and test sets.

    The temperature and the threshold of "not sure" are fitted on the
    validation set and then applied to both sets. Nothing is fitted on the test
    set.

    Args:
        val_labels: True classes of the validation set, of shape `(n,)`.
        val_probabilities: Class probabilities of the validation set, of shape
            `(n, classes)`.
        test_labels: True classes of the test set.
        test_probabilities: Class probabilities of the test set.
        class_names: One unique name per class.
        val_groups: Integers, the same for validation pictures that belong
            together, such as near-duplicates, which makes the intervals
            wider. Defaults to `None`.
        test_groups: The same of the test set. Defaults to `None`.

    Returns:
        Dict that can be written as strict JSON: `format`, `classes` (the
        names), `temperature`, `threshold` (confidence after the temperature;
        1.0 if no confidence is high enough), `threshold_accuracy` (the
        accuracy that the threshold was fitted to), `prediction_sets` (the
        result of `fit_sets`), and `val` and `test`. These two contain the
        result of `classification_metrics` and

        - `calibration`: `error` (`calibration_error`), `nll` (the negative
          log-likelihood), `error_after_temperature`, `nll_after_temperature`;
        - `sure`: `n`, `coverage` (share of all samples), `accuracy` and
          `accuracy_interval` of the samples at or above the threshold. The
          last two are `None` if there are no such samples.

        `test` contains `prediction_sets`, the result of `sets_on_test`.

    Raises:
        ValueError: If the arguments do not fit together.
    """
    val_labels, val_probabilities = check_predictions(
        val_labels, val_probabilities, class_names
    )
    test_labels, test_probabilities = check_predictions(
        test_labels, test_probabilities, class_names
    )
    val = classification_metrics(
        val_labels, val_probabilities, class_names, val_groups
    )
    test = classification_metrics(
        test_labels, test_probabilities, class_names, test_groups
    )
    temperature = fit_temperature(val_labels, val_probabilities)
    calibrated = Probabilities(val_probabilities.values, temperature)
    after_test = Probabilities(test_probabilities.values, temperature)
    threshold = confidence_threshold(val_labels, calibrated, SURE_ACCURACY)
    sets = fit_sets(val_labels, calibrated)
    measured = sets_on_test(
        (val_labels, calibrated), (test_labels, after_test), sets, test_groups
    )

    def measure(labels, probabilities, after, groups):
        return {
            "calibration": {
                "error": calibration_error(labels, probabilities),
                "nll": negative_log_likelihood(labels, probabilities),
                "error_after_temperature": calibration_error(labels, after),
                "nll_after_temperature": negative_log_likelihood(labels, after),
            },
            "sure": _sure(labels, after, threshold, groups),
        }

    return {
        "format": FORMAT,
        "classes": [str(name) for name in class_names],
        "temperature": temperature,
        "threshold": threshold,
        "threshold_accuracy": SURE_ACCURACY,
        "prediction_sets": sets,
        "val": {
            **val,
            **measure(val_labels, val_probabilities, calibrated, val_groups),
        },
        "test": {
            **test,
            **measure(test_labels, test_probabilities, after_test, test_groups),
            "prediction_sets": measured,
        },
    }


def write_report(
    report: dict[str, Any], filepath: str | os.PathLike[str]
) -> None:
    """Writes a report as strict JSON, completely or not at all.

    Args:
        report: Dict as `evaluate_predictions` returns it. It may have more
            entries.
        filepath: Path of the JSON file.

    Raises:
        ValueError: If the report holds NaN or infinity.
    """
    text = _laid_out(report)
    with replacing(filepath) as temporary_path:
        # A lone surrogate (of a folder name that is not UTF-8) is escaped as
        # \udcXX, which is valid JSON.
        temporary_path.write_bytes(
            f"{text}\n".encode("utf-8", "backslashreplace")
        )


def read_report(filepath: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads a report that `write_report` wrote.

    Args:
        filepath: Path of the JSON file.

    Returns:
        Dict as `evaluate_predictions` returns it.

    Raises:
        ValueError: If the file is not a report of this format.
    """
    contents = read_given(filepath, "A report", MAX_BYTES)
    try:
        report = json.loads(contents.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"The report must be JSON ({error}). Evaluate the model again. "
            f"Received: filepath={str(filepath)!r}"
        ) from error
    if not isinstance(report, dict) or report.get("format") != FORMAT:
        raise ValueError(
            f"The report must have format {FORMAT}. Evaluate the model again. "
            f"Received: filepath={str(filepath)!r}"
        )
    if not all(isinstance(report.get(x), dict) for x in ("val", "test")):
        raise ValueError(
            "A report must have its parts `val` and `test`. Evaluate the model "
            f"again. Received: filepath={str(filepath)!r}"
        )
    return report


def _laid_out(value, indent=""):
    """Returns JSON with a line for each row of a table.

    With a line for each number, what is of 10,000 classes has a million.
    """
    inner = indent + "  "
    if isinstance(value, dict) and value:
        keys = (json.dumps(str(key), ensure_ascii=False) for key in value)
        items = (_laid_out(item, inner) for item in value.values())
        lines = (f"{inner}{k}: {v}" for k, v in zip(keys, items, strict=True))
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list) and any(
        isinstance(x, (dict, list)) for x in value
    ):
        lines = (inner + _on_a_line(item) for item in value)
        return "[\n" + ",\n".join(lines) + f"\n{indent}]"
    return _on_a_line(value)


def _on_a_line(value):
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def _sure(labels, probabilities, threshold, groups):
    predicted, best = probabilities.best
    sure = best >= threshold
    n = int(sure.sum())
    right = (predicted == labels)[sure]
    some = None if groups is None else np.asarray(groups)[sure]
    return {
        "n": n,
        "coverage": n / len(sure),
        "accuracy": int(right.sum()) / n if n else None,
        "accuracy_interval": share_interval(right, some),
    }
