"""Fits the familiarity of pictures to a model and measures it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from kerasfg.evaluation.metrics.familiarity import fit_familiarity
from kerasfg.evaluation.metrics.familiarity import measure_familiarity
from kerasfg.evaluation.metrics.familiarity_head import KNOWN
from kerasfg.evaluation.metrics.familiarity_head import Familiarity
from kerasfg.evaluation.report.report import read_report
from kerasfg.run.familiarity.network import network_of
from kerasfg.run.familiarity.other_pictures import check_other_folders
from kerasfg.run.familiarity.other_pictures import classify_folder
from kerasfg.status import status

if TYPE_CHECKING:
    import keras

    from kerasfg.data.pixels.cache import PixelCache
    from kerasfg.run.run_folder import RunFolder

# More training pictures are thinned out evenly, which costs nothing.
MAX_TRAINING = 5000
AT_ONCE = 64 * 64  # pictures, whole batches
# Such as those of full bilinear pooling: the head would be too large.
MAX_DIM = 16384


def fit_model(
    model: keras.Model,
    pixels: PixelCache,
    splits: np.ndarray,
    negatives: str | os.PathLike[str] | None = None,
    foreign: Sequence[str | os.PathLike[str]] = (),
    kept_head: Familiarity | None = None,
    verbose: bool = True,
) -> tuple[Familiarity, dict[str, Any]] | None:
    """Fits the familiarity to a model and measures it.

    Args:
        model: A `FineGrainedClassifier`.
        pixels: `PixelCache` of its pictures.
        splits: Array with `"train"`, `"val"` or `"test"` for each picture.
        negatives: Folder of pictures of none of the classes to fit on, or
            `None`.
        foreign: Such folders to measure on. Defaults to `()`.
        kept_head: `Familiarity` of this model to use, if `negatives` is
            `None`. Defaults to `None`: it is fitted.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        `(head, found)`, or `None` if the model has no features, or more than
        16384. `found` is strict JSON: `kept`, the share of the test pictures
        that are familiar, `negatives`, the number of pictures that were fitted
        on (`None` for a `kept_head`), and `foreign`, a list of the results of
        `measure_familiarity`, each with the `name` of the folder.

    Raises:
        ValueError: If a folder has no picture that can be read, or `kept_head`
            is of another model.
    """
    compute = _features_and_logits(model)
    if compute is None:
        return None
    look = (pixels.image_size, pixels.crop, pixels.crop_fraction, verbose)

    def of_folder(folder):
        return classify_folder(folder, compute.predict_on_batch, *look)

    def of_split(name):
        return _of_rows(compute, pixels, np.flatnonzero(splits == name))

    head, count = kept_head, None
    if head is None or negatives is not None:
        others = () if negatives is None else of_folder(negatives)
        count = len(others[0]) if others else 0
        with status("Fitting the familiarity", verbose):
            train = _features(compute, pixels, _some_training(splits))
            head = fit_familiarity(train, *of_split("val"), *others)
    with status("Measuring the familiarity", verbose):
        parts = _in_parts(compute, pixels, np.flatnonzero(splits == "test"))
        known = np.concatenate([score(head, *part) for part in parts])
    return head, {
        "kept": float((known >= KNOWN).mean()),
        "negatives": count,
        "foreign": [
            {
                "name": Path(folder).resolve().name,
                **measure_familiarity(known, score(head, *of_folder(folder))),
            }
            for folder in foreign
        ],
    }


def evaluate_familiarity(
    folder: RunFolder,
    model: keras.Model,
    pixels: PixelCache,
    splits: np.ndarray,
    negatives: str | os.PathLike[str] | None = None,
    foreign: Sequence[str | os.PathLike[str]] = (),
    verbose: bool = True,
) -> dict[str, Any] | None:
    """Fits and measures the familiarity of a run, and writes its file.

    An earlier fit is used again, unless there are `negatives`.

    Args:
        folder: `RunFolder`.
        model: See `fit_model`, as the rest.

    Returns:
        The second of what `fit_model` returns, or `None`.

    Raises:
        ValueError: As `fit_model`; or if the model has no features that can be
            used and a folder is given.
    """
    foreign = foreign or ()
    check_other_folders(negatives, foreign)
    before = None if negatives is not None else folder.read_familiarity()
    fitted = fit_model(
        model, pixels, splits, negatives, foreign, before, verbose
    )
    if fitted is None:
        if negatives is not None or foreign:
            raise ValueError(
                "Familiarity is computed from the features of a model, at most "
                f"{MAX_DIM:,} of them: leave `negatives` and "
                f"`foreign` out. Received: run={str(folder.path)!r}"
            )
        return None
    head, found = fitted
    if before is None:
        head.save(folder.familiarity)
    elif folder.report.is_file():
        last = read_report(folder.report)["test"].get("familiarity") or {}
        found["negatives"] = last.get("negatives")
    return found


def score(head, features, logits):
    """Returns the familiarity; raises `ValueError` for another model's head."""
    if head.projection.shape[0] != features.shape[1]:
        raise ValueError(
            "The familiarity.npz of a run must be of its model: remove it and "
            "evaluate the run again. Received: a projection of "
            f"{head.projection.shape[0]} features, and the model has "
            f"{features.shape[1]}"
        )
    return head.score(features, logits)


def _features_and_logits(model):
    compute = network_of(model, ("features", "logits"))
    if compute is None:
        return None
    shape = compute.outputs[0].shape
    return compute if len(shape) == 2 and shape[1] <= MAX_DIM else None


def _some_training(splits):
    rows = np.flatnonzero(splits == "train")
    if len(rows) <= MAX_TRAINING:
        return rows
    return rows[np.linspace(0, len(rows) - 1, MAX_TRAINING).astype(int)]


def _features(compute, pixels, rows):
    return np.concatenate(
        [part[0] for part in _in_parts(compute, pixels, rows)]
    )


def _of_rows(compute, pixels, rows):
    """Returns the features and the logits of pictures, in memory once."""
    found, done = [], 0
    for part in _in_parts(compute, pixels, rows):
        if not found:
            sizes = [values.shape[1:] for values in part]
            found = [np.empty((len(rows), *x), "float32") for x in sizes]
        for whole, values in zip(found, part, strict=True):
            whole[done : done + len(values)] = values
        done += len(part[0])
    return found


def _in_parts(compute, pixels, rows):
    """Yields features and logits: of many classes they take much memory."""
    from kerasfg.data.batches.pipeline import evaluation_batches  # slow

    for some in np.split(rows, range(AT_ONCE, len(rows), AT_ONCE)):
        batches = evaluation_batches(pixels.images, rows=some)
        found = compute.predict(batches, verbose=0)
        yield [np.asarray(values, "float32") for values in found]
