"""Evaluates a trained model on its test pictures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import numpy as np
import numpy.typing as npt

from kerasfg.evaluation.distance.saved_card import keep_card
from kerasfg.evaluation.how_sure.in_report import add_how_sure
from kerasfg.evaluation.how_sure.in_report import columns_of_test
from kerasfg.evaluation.metrics.attribute_confusion import attribute_confusion
from kerasfg.evaluation.metrics.levels import fit_levels
from kerasfg.evaluation.metrics.levels import measure_levels
from kerasfg.evaluation.metrics.question import questions_of
from kerasfg.evaluation.metrics.simulated_questions import simulate_questions
from kerasfg.evaluation.plots import plot_confusion
from kerasfg.evaluation.plots import plot_history
from kerasfg.evaluation.plots import plot_mistakes
from kerasfg.evaluation.plots import plot_reliability
from kerasfg.evaluation.plots import plot_resolutions
from kerasfg.evaluation.probabilities import Probabilities
from kerasfg.evaluation.report.per_class_file import write_per_class
from kerasfg.evaluation.report.report import evaluate_predictions
from kerasfg.evaluation.report.report import write_report

if TYPE_CHECKING:
    import keras

    from kerasfg.data.attributes import AttributeTable
    from kerasfg.data.pixels.cache import PixelCache
    from kerasfg.data.taxonomy import Level

AT_ONCE = 64 * 64  # pictures, whole batches


def evaluate_model(
    model: keras.Model,
    pixels: PixelCache,
    splits: npt.NDArray[np.str_],
    out: str | os.PathLike[str] | None = None,
    history: str | os.PathLike[str] | None = None,
    attributes: AttributeTable | None = None,
    resolutions: list[dict] | None = None,
    groups: dict[str, Any] | None = None,
    clients: dict[str, Any] | None = None,
    levels: Sequence[Level] | None = None,
    questions: float | None = None,
    group_ids: npt.NDArray[np.int64] | None = None,
    by: Sequence[str] = (),
    by_table: str | os.PathLike[str] | None = None,
    precision: float | None = None,
    familiarity: dict[str, Any] | None = None,
    earlier: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Evaluates a classifier on the test pictures.

    The temperature and the "not sure" threshold are fitted on the validation
    pictures. Nothing is fitted on the test pictures.

    Args:
        model: `keras.Model` from pixels 0 to 255 to class probabilities.
        pixels: A `kerasfg.data.PixelCache`.
        splits: Array with `"train"`, `"val"` or `"test"` for each picture.
        out: Folder for `report.json`, `per_class.csv` and the plots, or `None`
            to write no files.
        history: Path of a `history.csv` whose training curves are drawn, or
            `None`.
        attributes: `AttributeTable` with at least the classes of `pixels`, or
            `None`.
        resolutions: Result of `resolution_curve` to include in the report, or
            `None`.
        groups: Summary of `kerasfg.data.groups.Groups` to include in the
            report, or `None`.
        clients: Result of
            `kerasfg.evaluation.clients.measure.measure_clients` to include in
            the report, or `None`.
        levels: `Level`s of the classes, or `None`.
        questions: Share of wrong answers to questions about `attributes`,
            which are then simulated, or `None`.
        group_ids: Integer for each picture, the same for pictures that belong
            together, as `kerasfg.data.groups.Groups` has them; intervals are
            wider for it. `None` if there are none.
        by: Names of columns for whose values the accuracy is measured; see
            `kerasfg.evaluation.how_sure.columns.columns_of`.
        by_table: A table with these columns, or `None`.
        precision: Share of the pictures named as a class that must be so; sets
            a threshold for each class. `None`: there is one threshold.
        familiarity: Measures of foreign pictures, to include in the report; see
            `kerasfg.run.familiarity.fit_model`. `None` if there are none.
        earlier: Report that this one replaces: its distance card is kept, if
            it is of the same model. `None` if there is none.

    Returns:
        The report, a dictionary; see
        `kerasfg.evaluation.evaluate_predictions`. With `attributes`, `val` and
        `test` also contain `attributes`, the result of
        `kerasfg.evaluation.metrics.attribute_confusion`. With `resolutions`,
        `test` also contains `resolutions`; with `clients`, `clients`; with
        `familiarity`, `familiarity`. With `groups`, the report contains
        `groups`. With `levels`, it contains `levels`, the result of
        `kerasfg.evaluation.metrics.levels.fit_levels`, and `test` that of
        `measure_levels`. With `questions`, `test` contains
        `questions`, the result of
        `kerasfg.evaluation.metrics.simulated_questions.simulate_questions`.
        With `by`, `test` contains `slices`, a result of `accuracy_by` for each
        name. With `precision`, the report, `val` and `test` contain
        `class_thresholds`; see `kerasfg.evaluation.how_sure.in_report`. With a
        distance card in `earlier`, the report contains `distance`.

    Raises:
        ValueError: If the table lacks a class, there is none for `questions`,
            or there is no such column.
    """
    _check_questions(questions, attributes)
    columns = columns_of_test(pixels, splits, by, by_table, precision)
    if attributes is not None:
        attributes = attributes.for_classes(
            pixels.class_names, allow_others=True
        )
    rows = {name: np.flatnonzero(splits == name) for name in ("val", "test")}
    probabilities = {
        name: _predict(model, pixels.images, index)
        for name, index in rows.items()
    }
    report = evaluate_predictions(
        pixels.labels[rows["val"]],
        probabilities["val"],
        pixels.labels[rows["test"]],
        probabilities["test"],
        pixels.class_names,
        **{
            f"{name}_groups": group_ids[index]
            for name, index in rows.items()
            if group_ids is not None
        },
    )
    if attributes is not None:
        for name, index in rows.items():
            report[name]["attributes"] = attribute_confusion(
                pixels.labels[index],
                Probabilities(probabilities[name]).best[0],
                attributes,
            )
    if resolutions:
        report["test"]["resolutions"] = resolutions
    if clients is not None:
        report["test"]["clients"] = clients
    if familiarity is not None:
        report["test"]["familiarity"] = familiarity
    calibrated = {
        name: (
            pixels.labels[index],
            Probabilities(probabilities[name], report["temperature"]),
        )
        for name, index in rows.items()
    }
    groups_of_test = None if group_ids is None else group_ids[rows["test"]]
    _add_unsure(
        report, calibrated, attributes, levels, questions, groups_of_test
    )
    add_how_sure(report, calibrated, columns, precision, groups_of_test)
    if groups is not None:
        report["groups"] = groups
    if earlier is not None:
        keep_card(report, earlier)
    if out is not None:
        _plot(report, pixels, rows["test"], probabilities["test"], Path(out))
        if history is not None:
            plot_history(history, Path(out) / "history.png")
        write_report(report, Path(out) / "report.json")
        write_per_class(report, Path(out) / "per_class.csv")
    return report


def _check_questions(questions, attributes):
    if questions is not None and attributes is None:
        raise ValueError(
            "Questions are about attributes of the classes: give a table of "
            f"`attributes`. Received: attributes=None, questions={questions}"
        )


def _add_unsure(report, calibrated, attributes, levels, questions, groups):
    """Adds the measures of answers whose class is not sure."""
    threshold = report["threshold"]
    if levels:
        accuracy = report["threshold_accuracy"]
        fitted = fit_levels(*calibrated["val"], levels, threshold, accuracy)
        report["levels"] = fitted
        report["test"]["levels"] = measure_levels(
            *calibrated["test"], fitted, threshold, groups
        )
    if questions is not None:
        report["test"]["questions"] = simulate_questions(
            *calibrated["test"],
            questions_of(attributes.by_class(), attributes.class_names),
            threshold,
            questions,
            groups=groups,
        )


def _predict(model, images, rows):
    # Imported here because it imports Keras.
    from kerasfg.data.batches.pipeline import evaluation_batches

    def of_rows(some):
        return model.predict(
            evaluation_batches(images, rows=some),
            verbose=0,  # pyright: ignore[reportArgumentType]
        )

    # Keras joins the answers of the batches, which takes their size again.
    first = of_rows(rows[:AT_ONCE])
    if len(rows) <= AT_ONCE:
        return first
    found = np.empty((len(rows), *first.shape[1:]), first.dtype)
    found[:AT_ONCE] = first
    for start in range(AT_ONCE, len(rows), AT_ONCE):
        found[start : start + AT_ONCE] = of_rows(rows[start : start + AT_ONCE])
    return found


def _plot(report, pixels, test, probabilities, out):
    labels = pixels.labels[test]
    plot_confusion(report, out / "confusion.png")
    plot_reliability(
        labels,
        probabilities,
        report["temperature"],
        out / "reliability.png",
        threshold=report["threshold"],
    )
    plot_mistakes(
        pixels.images[test],
        labels,
        Probabilities(probabilities, report["temperature"]),
        pixels.class_names,
        out / "mistakes.png",
        names=[pixels.names[i] for i in test],
    )
    if "resolutions" in report["test"]:
        plot_resolutions(
            report["test"]["resolutions"],
            pixels.image_size,
            len(pixels.class_names),
            out / "resolutions.png",
        )
