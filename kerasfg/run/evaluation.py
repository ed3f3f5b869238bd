"""`kerasfg.evaluate`: how good a run or a model is, in one call."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kerasfg.data.attributes import AttributeTable
from kerasfg.data.datasets import Datasets
from kerasfg.evaluation.evaluate import evaluate as evaluate_pixels
from kerasfg.run.trained_run import TrainedRun

if TYPE_CHECKING:
    import keras


def evaluate(
    model: str | os.PathLike[str] | keras.Model,
    data: str | os.PathLike[str] | Datasets | None = None,
    out: str | os.PathLike[str] | None = None,
    attributes: AttributeTable | None = None,
    verbose: bool = True,
) -> dict:
    """Evaluates a run folder, or any Keras classifier, on its test pictures.

    As `kerasfg evaluate` does: accuracy with its interval, by class, the pairs
    that are taken for one another, calibration, and the confidence below which
    to say "not sure". What has to be fitted is fitted on validation.

    Args:
        model: Path of a run folder, as `kerasfg.train` leaves it; or a
            `keras.Model` from pixels 0 to 255 to class probabilities, its
            outputs in the order of the classes of `data`.
        data: For a run folder, where its pictures are now; `None` if still
            where the recipe has them. For a model, what
            `kerasfg.data.datasets_from_directory` gives. Defaults to `None`.
        out: For a model, a folder for `report.json` and pictures of what was
            measured, or `None` for none. A run folder gets its own anew.
            Defaults to `None`.
        attributes: What the classes are like, to measure how often a mistake
            crosses an attribute. Defaults to `None`: what the run was trained
            with, or nothing.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        The report, a dictionary: `test` and `val` hold what was measured,
        `temperature` and `threshold` what was fitted. See
        `kerasfg.evaluation.evaluate_predictions`.

    Raises:
        ValueError: If there is no such run, the model comes without `Datasets`,
            or its classes are others.

    Example:

    ```python
    report = kerasfg.evaluate("run")
    report = kerasfg.evaluate(model, data)  # of datasets_from_directory
    print(report["test"]["top_1"])
    ```
    """
    if isinstance(model, (str, os.PathLike)):
        return _evaluate_run(model, data, out, attributes, verbose)
    if not isinstance(data, Datasets):
        raise ValueError(
            "A model is evaluated on what "
            "`kerasfg.data.datasets_from_directory` gives. "
            f"Received: data={data!r}"
        )
    names = getattr(model, "class_names", None)
    if names and tuple(names) != data.class_names:
        raise ValueError(
            "The pictures must be of the model's classes, in their order: "
            f"{tuple(names)}. Received: class_names={data.class_names}"
        )
    if out is not None:
        Path(out).mkdir(parents=True, exist_ok=True)
    return evaluate_pixels(
        model, data.pixels, data.splits, out, attributes=attributes
    )


def _evaluate_run(path, data, out, attributes, verbose):
    if isinstance(data, Datasets) or out is not None:
        raise ValueError(
            "A run folder has its own split, and its report is written there: "
            "give `data` as the folder of the pictures, or not at all, and no "
            f"`out`. Received: data={type(data).__name__}, out={out!r}"
        )
    return TrainedRun(path, data, verbose).evaluate(attributes)
