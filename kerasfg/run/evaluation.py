"""`kerasfg.evaluate`: evaluates a run folder or any model."""

from __future__ import annotations

import dataclasses
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from kerasfg.data.attributes import AttributeTable
from kerasfg.data.datasets import Datasets
from kerasfg.data.groups import find_groups
from kerasfg.data.taxonomy import find_levels
from kerasfg.evaluation.evaluate_model import evaluate_model
from kerasfg.export.inference.classifier import classifier
from kerasfg.export.inference.known_models import is_own_model
from kerasfg.export.verification.plausibility import CHANCE
from kerasfg.export.verification.plausibility import check_plausible
from kerasfg.one_line import few_names
from kerasfg.run.client_files import client_table
from kerasfg.run.description import Description
from kerasfg.run.trained_run import TrainedRun
from kerasfg.run.trials import Trials
from kerasfg.write_errors import make_folder

if TYPE_CHECKING:
    import keras

MAX_CHECKED = 1000


def evaluate(
    model: str | os.PathLike[str] | keras.Model,
    data: str | os.PathLike[str] | Datasets | None = None,
    out: str | os.PathLike[str] | None = None,
    attributes: AttributeTable | None = None,
    verbose: bool = True,
    taxonomy: str | os.PathLike[str] | None = None,
    questions: float | None = None,
    by: Sequence[str] = (),
    by_table: str | os.PathLike[str] | None = None,
    precision: float | None = None,
    negatives: str | os.PathLike[str] | None = None,
    foreign: Sequence[str | os.PathLike[str]] = (),
    **description: Any,
) -> dict:
    """Evaluates a run folder, or any Keras classifier, on its test pictures.

    Like `kerasfg evaluate`, it measures the accuracy with its interval, the
    accuracy of each class, the most confused pairs of classes, the calibration,
    and the confidence below which an answer is "not sure". The temperature and
    this threshold are fitted on the validation pictures.

    Args:
        model: Path of a run folder that `kerasfg.train` wrote, or of any
            classifier as a `.keras` file; or a `keras.Model`, its outputs in
            the order of the classes of `data`.
        data: For a run folder, the place of its pictures; `None` means the
            place in its recipe. For a `.keras` file, a folder with one folder
            of pictures per class. For a model, the result of
            `kerasfg.data.datasets_from_directory`. Defaults to `None`.
        out: For a model or a `.keras` file, a folder for `report.json` and the
            plots, or `None` to write no files. The files of a run folder are
            rewritten. Defaults to `None`.
        attributes: `AttributeTable` of the classes, to measure how often a
            picture is taken for a class with another value. Defaults to
            `None`: the table of the run, if it has one.
        verbose: Whether to show progress. Defaults to `True`.
        taxonomy: CSV file with coarser names of the classes, such as
            `class,genus,family`; see `kerasfg.data.taxonomy.read_taxonomy`.
            Defaults to `None`: those of the run, if it has some.
        questions: Share of wrong answers, such as `0.1`, to questions about
            the attributes, which are then simulated. Defaults to `None`.
        by: Names of columns of the pictures, such as `["camera"]`, for whose
            values the accuracy is measured, too; see
            `kerasfg.evaluation.how_sure.columns.columns_of`. Defaults to `()`.
        by_table: CSV file with `path` and these columns. Defaults to `None`:
            the list that the pictures come from.
        precision: Share, such as `0.95`, of the pictures named as a class that
            must be so: sets a threshold for each class. A run keeps it until
            it is `0`. Defaults to `None`.
        negatives: For a run folder, a folder of pictures of none of the
            classes, to fit on what is familiar. Defaults to `None`.
        foreign: For a run folder, folders of such pictures, to measure how many
            pass as known. Defaults to `()`.
        **description: What a model that kerasfg did not make does not show:
            arguments of `kerasfg.run.description.Description`, such as
            `input_range=(0, 1)`, `output="logits"` or `untrained=True`.

    Returns:
        The report, a dictionary: `test` and `val` hold the measurements,
        `temperature` and `threshold` the fitted values. See
        `kerasfg.evaluation.evaluate_predictions`.

    Raises:
        ValueError: If there is no such run, a model is passed without
            `Datasets`, its classes are others, it does not show how it is used
            and `description` does not either, or it is no better than chance.

    Example:

    ```python
    report = kerasfg.evaluate("run")
    report = kerasfg.evaluate(model, data)  # from datasets_from_directory
    report = kerasfg.evaluate("own.keras", "photos", crop="whole")
    print(report["test"]["top_1"])
    ```
    """
    described = Description(**description)
    how_sure = {"by": by, "by_table": by_table, "precision": precision}
    if isinstance(model, (str, os.PathLike)):
        if Path(model).is_dir() or Path(model).suffix != ".keras":
            described.check_unused("a run folder")
            return _evaluate_run(
                model,
                data,
                out,
                attributes,
                verbose,
                taxonomy,
                questions,
                how_sure | {"negatives": negatives, "foreign": foreign},
            )
    if negatives is not None or foreign:
        raise ValueError(
            "The familiarity is fitted to the network of a run folder: leave "
            "`negatives` and `foreign` out, or see "
            "`kerasfg.evaluation.fit_familiarity`. Received: "
            f"negatives={negatives!r}, foreign={foreign!r}"
        )
    if isinstance(model, (str, os.PathLike)):
        return evaluate_file(
            model,
            data,
            out,
            attributes,
            verbose,
            described,
            taxonomy=taxonomy,
            questions=questions,
            **how_sure,
        )
    return _evaluate_model(
        model,
        data,
        out,
        attributes,
        described,
        taxonomy,
        questions,
        how_sure,
    )


def evaluate_file(
    path,
    data,
    out,
    attributes,
    verbose,
    description,
    clients=False,
    exported=None,
    taxonomy=None,
    level=(),
    questions=None,
    **how_sure,
):
    """Evaluates a `.keras` file on a folder of pictures; see `evaluate`.

    Args:
        path: As `model` of `evaluate`.
        data: Folder with one folder of pictures per class.
        out: As of `evaluate`.
        attributes: As of `evaluate`; or a function that returns a table for
            given names of classes.
        verbose: As of `evaluate`.
        description: `Description`.
        clients: Whether to measure what apps cost, see
            `kerasfg.run.client_files.client_table`. Defaults to `False`.
        exported: Folder of files of the model, which are then measured too.
            Defaults to `None`.
        taxonomy: As of `evaluate`.
        level: Names of attributes that make levels in place of `taxonomy`;
            see `kerasfg.data.taxonomy.levels_of_attributes`. Defaults to `()`.
        questions: As of `evaluate`.
        **how_sure: `by`, `by_table` and `precision`, as of `evaluate`.
    """
    from kerasfg.run.exportable import exportable

    if isinstance(data, Datasets):
        raise ValueError(
            "A .keras file is evaluated on a folder with one folder of "
            "pictures per class. Received: data=Datasets"
        )
    loaded = exportable(path, data, description, verbose)
    if callable(attributes):
        attributes = attributes(loaded.pixels.class_names)
    found = classifier(loaded.model, **description.of_model())
    table = None
    if clients:
        table = client_table(
            found.as_model(),
            loaded.pixels,
            loaded.splits,
            exported,
            verbose,
        )
    return _report(
        found,
        loaded.pixels,
        loaded.splits,
        out,
        attributes,
        table,
        find_levels(loaded.pixels.class_names, taxonomy, attributes, level),
        questions,
        how_sure,
    )


def _evaluate_model(
    model, data, out, attributes, description, taxonomy, questions, how_sure
):
    if not isinstance(data, Datasets):
        raise ValueError(
            "A model is evaluated on the result of "
            "`kerasfg.data.datasets_from_directory`. "
            f"Received: data={data!r}"
        )
    _check_given_by_data(description)
    found = classifier(model, **description.of_model())
    names = getattr(model, "class_names", None)
    if names and tuple(names) != data.class_names:
        raise ValueError(
            "The pictures must have the model's classes, in the same order: "
            f"{few_names(tuple(names), data.class_names)}. "
            f"Received: class_names={few_names(data.class_names, names)}"
        )
    if found.num_classes != len(data.class_names):
        raise ValueError(
            f"The model has {found.num_classes} classes, and the pictures must "
            "have as many. "
            f"Received: {len(data.class_names)} "
            f"class_names={few_names(data.class_names)}"
        )
    if found.image_size != data.image_size:
        raise ValueError(
            f"The model takes pictures of {found.image_size} pixels. "
            f"Received: image_size={data.image_size}"
        )
    if not description.untrained:
        _check(found, data, description)
    return _report(
        found,
        data.pixels,
        data.splits,
        out,
        attributes,
        levels=find_levels(data.class_names, taxonomy),
        questions=questions,
        how_sure=how_sure,
    )


def _check_given_by_data(description):
    """Refuses options that the data sets already answer."""
    names = "labels", "class_order", "crop", "crop_fraction", "class_level"
    for name in names:
        if getattr(description, name) is not None:
            raise ValueError(
                f"The data sets hold this already: leave out `{name}`. "
                f"Received: {name}={getattr(description, name)!r}"
            )


def _check(found, data, description):
    """Checks on some test pictures what was found and given."""
    rows = np.flatnonzero(data.splits == "test")
    some = np.linspace(0, len(rows) - 1, min(len(rows), MAX_CHECKED))
    rows = rows[some.astype(int)]
    some = dataclasses.replace(
        data.pixels,
        images=np.asarray(data.pixels.images[rows]),
        labels=data.pixels.labels[rows],
        names=tuple(data.pixels.names[row] for row in rows),
    )
    trials = Trials(found.model, None, description, found.image_size, some)
    orders = {"labels": data.class_names}
    trials.check_best(data.pixels.crop, orders, {})
    labels, probabilities = trials.predictions(
        None, data.pixels.crop, data.class_names
    )
    try:
        check_plausible(labels, probabilities, data.class_names, None)
    except ValueError as error:
        if not is_own_model(found.model):
            raise
        warnings.warn(str(error), stacklevel=4)


def _report(
    found,
    pixels,
    splits,
    out,
    attributes,
    clients=None,
    levels=None,
    questions=None,
    how_sure=None,
):
    how_sure = how_sure or {}
    if not how_sure.get("precision"):
        how_sure = {**how_sure, "precision": None}
    if out is not None:
        make_folder(out)
    return evaluate_model(
        found.as_model(),
        pixels,
        splits,
        out,
        attributes=attributes,
        clients=clients,
        levels=levels,
        questions=questions,
        group_ids=find_groups(pixels, progress=False).ids,
        **how_sure,
    )


def _evaluate_run(
    path, data, out, attributes, verbose, taxonomy, questions, how_sure
):
    if isinstance(data, Datasets) or out is not None:
        raise ValueError(
            "A run folder has its own split, and its report is written there: "
            "pass the folder of the pictures as `data`, or no `data`, and no "
            f"`out`. Received: data={type(data).__name__}, out={out!r}"
        )
    run = TrainedRun(path, data, verbose)
    levels = run.read_levels(taxonomy)
    report = run.evaluate(
        attributes, levels=levels, questions=questions, **how_sure
    )
    warn_of_chance(report)
    return report


def warn_of_chance(report):
    """Warns if a report's model is no better than naming one class always.

    Args:
        report: As `evaluate` returns it.
    """
    from scipy.stats import binom

    test = report["test"]
    right = round(test["top_1"] * test["n"])
    share = max(row["n"] for row in test["per_class"]) / test["n"]
    if binom.sf(right - 1, test["n"], share) > CHANCE:
        warnings.warn(
            f"The accuracy, {right} of {test['n']} test pictures, is no better "
            "than chance: the model has not learned these classes.",
            stacklevel=2,
        )
