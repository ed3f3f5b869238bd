"""Draws a sheet of the classifier's most confident mistakes."""

import pathlib

import numpy as np

from kerasfg.evaluation.display import percent
from kerasfg.evaluation.plots.figures import BLUE
from kerasfg.evaluation.plots.figures import GREY
from kerasfg.evaluation.plots.figures import ORANGE
from kerasfg.evaluation.plots.figures import new_figure
from kerasfg.evaluation.plots.figures import save_figure
from kerasfg.evaluation.plots.picture_sheet import PictureSheet
from kerasfg.evaluation.predictions import check_images
from kerasfg.evaluation.predictions import check_predictions

MOST = 24
COLUMNS = 6


def plot_mistakes(
    images, labels, probabilities, class_names, filepath, names=None
):
    """Draws the input pictures of up to 24 most confident mistakes.

    Args:
        images: uint8 input pixels of the network, `(n, height, width, 3)`.
        labels: True classes, integers of shape `(n,)`.
        probabilities: Class probabilities of shape `(n, classes)`.
        class_names: One unique name per class.
        filepath: Path of the picture.
        names: One name per image, such as its path. Its last part is written
            below the picture. Defaults to `None`.

    Raises:
        ValueError: If the arguments do not fit together.
    """
    labels, probabilities = check_predictions(
        labels, probabilities, class_names
    )
    _check_images(images, names, len(labels))
    predicted, confidences = probabilities.best
    wrong = np.flatnonzero(predicted != labels)
    shown = wrong[np.argsort(-confidences[wrong], kind="stable")][:MOST]
    if not len(shown):
        _draw_none(len(labels), filepath)
        return
    columns, lines = min(COLUMNS, len(shown)), 2 if names is None else 3
    sheet = PictureSheet(len(shown), columns, lines)
    more = f", the {MOST} most confident" if len(wrong) > MOST else ""
    sheet.title(f"{len(wrong):,} of {len(labels):,} wrong{more}")
    rows = probabilities.rows(shown)
    for place, (i, row) in enumerate(zip(shown, rows, strict=True)):
        sheet.tile(place, images[i])
        for number, (word, label, color) in enumerate(
            (("predicted", predicted[i], ORANGE), ("true", labels[i], BLUE))
        ):
            # The name comes last, as it may be written from right to left.
            start = f"{word} {percent(row[label])}: "
            sheet.line(place, number, start, class_names[label], color)
        if names is not None:
            # The folder is usually the class, which is in the line above.
            name = pathlib.PurePath(names[i]).name
            sheet.line(place, 2, "", name, GREY)
    save_figure(sheet.figure, filepath)


def _draw_none(n, filepath):
    figure = new_figure(6.0, 2.0)
    figure.text(
        0.5,
        0.5,
        f"No mistakes in {n:,} {'picture' if n == 1 else 'pictures'}",
        ha="center",
        va="center",
        fontsize=16,
        color=GREY,
    )
    save_figure(figure, filepath)


def _check_images(images, names, n):
    check_images(images)
    if len(images) != n or (names is not None and len(names) != n):
        raise ValueError(
            "Arguments `images`, `labels` and `names` must have equal lengths. "
            f"Received: {len(images)} images, {n} labels"
            + ("" if names is None else f", {len(names)} names")
        )
