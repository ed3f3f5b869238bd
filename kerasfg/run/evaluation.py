"""`kerasfg.evaluate`: evaluates a run folder or any model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kerasfg.data.attributes import AttributeTable
from kerasfg.data.datasets import Datasets
from kerasfg.evaluation.evaluate_model import evaluate_model
from kerasfg.run.trained_run import TrainedRun
from kerasfg.write_errors import make_folder

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

    Like `kerasfg evaluate`, it measures the accuracy with its interval, the
    accuracy of each class, the most confused pairs of classes, the calibration,
    and the confidence below which an answer is "not sure". The temperature and
    this threshold are fitted on the validation pictures.

    Args:
        model: Path of a run folder that `kerasfg.train` wrote; or a
            `keras.Model` from pixels 0 to 255 to class probabilities, its
            outputs in the order of the classes of `data`.
        data: For a run folder, the place of its pictures; `None` means the
            place in its recipe. For a model, the result of
            `kerasfg.data.datasets_from_directory`. Defaults to `None`.
        out: For a model, a folder for `report.json` and the plots, or `None`
            to write no files. The files of a run folder are rewritten.
            Defaults to `None`.
        attributes: `AttributeTable` of the classes, to measure how often a
            picture is taken for a class with another value. Defaults to
            `None`: the table of the run, if it has one.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        The report, a dictionary: `test` and `val` hold the measurements,
        `temperature` and `threshold` the fitted values. See
        `kerasfg.evaluation.evaluate_predictions`.

    Raises:
        ValueError: If there is no such run, a model is passed without
            `Datasets`, or its classes are others.

    Example:

    ```python
    report = kerasfg.evaluate("run")
    report = kerasfg.evaluate(model, data)  # from datasets_from_directory
    print(report["test"]["top_1"])
    ```
    """
    if isinstance(model, (str, os.PathLike)):
        return _evaluate_run(model, data, out, attributes, verbose)
    if not isinstance(data, Datasets):
        raise ValueError(
            "A model is evaluated on the result of "
            "`kerasfg.data.datasets_from_directory`. "
            f"Received: data={data!r}"
        )
    names = getattr(model, "class_names", None)
    if names and tuple(names) != data.class_names:
        raise ValueError(
            "The pictures must have the model's classes, in the same order: "
            f"{tuple(names)}. Received: class_names={data.class_names}"
        )
    if out is not None:
        make_folder(out)
    return evaluate_model(
        model, data.pixels, data.splits, out, attributes=attributes
    )


def _evaluate_run(path, data, out, attributes, verbose):
    if isinstance(data, Datasets) or out is not None:
        raise ValueError(
            "A run folder has its own split, and its report is written there: "
            "pass the folder of the pictures as `data`, or no `data`, and no "
            f"`out`. Received: data={type(data).__name__}, out={out!r}"
        )
    return TrainedRun(path, data, verbose).evaluate(attributes)
