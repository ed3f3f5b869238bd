"""Finds out how a foreign model is used, and checks it on pictures."""

from __future__ import annotations

import dataclasses
import unicodedata
import warnings
from typing import Literal

from kerasfg.data.pixels.cache import prepare
from kerasfg.data.sources.class_names import class_name_of
from kerasfg.data.sources.place import from_places
from kerasfg.data.sources.some_pictures import spread_pictures
from kerasfg.export.inference.classifier import Classifier
from kerasfg.export.inference.classifier import classifier
from kerasfg.export.inference.known_models import is_own_model
from kerasfg.export.inference.open_question import OpenQuestion
from kerasfg.export.inference.open_question import ask
from kerasfg.export.verification.plausibility import check_plausible
from kerasfg.run.description import CROP_QUESTION
from kerasfg.run.description import ORDERS
from kerasfg.run.trials import Trials
from kerasfg.run.trials import are_square
from kerasfg.run.trials import classifier_with
from kerasfg.run.trials import in_order
from kerasfg.status import status

MAX_TRIED = 500  # pictures on which answers are tried, or
TRIED_PER_CLASS = 10  # this many of a class, if that is more


@dataclasses.dataclass(frozen=True, eq=False)
class ForeignModel:
    """A model with all that is needed to use it.

    Attributes:
        classifier: `Classifier`.
        class_names: Names of the classes in the order of its outputs.
        crop: `"center"` or `"whole"`, or `None` if it is not known; then only
            square pictures can be classified.
        crop_fraction: Share of the crop's sides to keep.
    """

    classifier: Classifier
    class_names: tuple[str, ...]
    crop: Literal["center", "whole"] | None
    crop_fraction: float


def described_model(model, description):
    """Finds out how a model is used, without pictures.

    Args:
        model: `keras.Model`.
        description: `Description`.

    Returns:
        A `ForeignModel`.

    Raises:
        OpenQuestion, OpenQuestions: If the description lacks something.
        ValueError: If the model cannot be used, or the description is wrong.
    """
    for name in ("class_order", "class_level", "untrained"):
        if getattr(description, name):
            raise ValueError(
                f"`{name}` is for labelled pictures: give `data`, a folder "
                "with one folder of pictures per class, or leave it out. "
                f"Received: {name}={getattr(description, name)!r}"
            )
    names = _own_names(model, description)
    found, questions = _classifier(model, description)
    if names is None:
        questions.append(
            OpenQuestion(
                "The model does not name its classes",
                "labels",
                "a text file with the name of a class on each line in the "
                "order of its outputs, or `data`, a folder with one folder of "
                "pictures per class",
            )
        )
    ask(questions)
    _check_count(found, names, "names")
    return ForeignModel(
        found, names, description.crop, description.crop_fraction or 1.0
    )


def model_on_pictures(model, directory, description, verbose=True):
    """Finds out how a model is used, and checks it on labelled pictures.

    Args:
        model: `keras.Model`.
        directory: Place of labelled pictures, or a list of places; see
            `kerasfg.data.from_places`.
        description: `Description`.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        `(ForeignModel, PixelCache)`; the labels of the pictures are in the
        order of the model's outputs. Square pictures do not show the crop.

    Raises:
        OpenQuestion, OpenQuestions: If `image_size` or `output_name` is
            missing.
        ValueError: If something else is missing: the message has the accuracy
            with the best answers. If the model cannot be used, the
            description is wrong, the pictures have other classes, or the
            model is no better than chance on them or exchanges classes.
    """
    source = from_places(directory, class_level=description.class_level or 0)
    found, questions = _classifier(model, description)
    if found is None and any(
        q.argument in ("image_size", "output_name") for q in questions
    ):
        ask(questions)  # without these nothing can be tried
    tried = found or classifier_with(model, description, (0, 255))
    orders = _orders(model, description, source, tried)
    if len(orders) > 1:
        questions.append(_ask_order(orders))
    most = max(MAX_TRIED, TRIED_PER_CLASS * len(source.class_names))
    some = spread_pictures(source, most)
    trials = Trials(model, some, description, tried.image_size)
    crop = description.crop or ("center" if trials.are_square() else None)
    if crop is None:
        questions.append(OpenQuestion(*CROP_QUESTION))
    with status("Trying the model on pictures", verbose):
        if questions:
            raise trials.with_accuracies(questions, orders)
        if not description.untrained:
            _check(trials, crop, orders, source)
    fraction = description.crop_fraction or 1.0
    pixels = prepare(
        source,
        found.image_size,
        crop,
        crop_fraction=fraction,
        progress=verbose,
    )
    if description.crop is None and not are_square(pixels):
        raise trials.with_accuracies([OpenQuestion(*CROP_QUESTION)], orders)
    (names,) = orders.values()
    pixels = in_order(pixels, names)
    return ForeignModel(found, names, description.crop, fraction), pixels


def _check(trials, crop, orders, source):
    """Checks what was found and given, on some of the pictures."""
    trials.check_best(crop, orders, _usual_orders(source))
    (names,) = orders.values()
    labels, probabilities = trials.predictions(None, crop, names)
    try:
        named = getattr(trials.model, "class_names", None)
        argument = None if named else "labels"
        check_plausible(labels, probabilities, names, argument)
    except ValueError as error:
        if not is_own_model(trials.model):
            raise
        warnings.warn(str(error), stacklevel=3)


def _own_names(model, description):
    """The names in the model or in the description, or `None`."""
    own = getattr(model, "class_names", None)
    given = description.class_names()
    if own and given and tuple(own) != given:
        raise ValueError(
            "The model names its classes itself: leave out `labels`. "
            f"Received: labels={given!r} for the classes {tuple(own)!r}"
        )
    return tuple(own) if own else given


def _classifier(model, description):
    """Returns the `Classifier`, or `None` and the questions."""
    try:
        return classifier(model, **description.of_model()), []
    except ValueError as error:
        questions = getattr(error, "questions", None)
        if questions is None:
            raise
        return None, list(questions)


# === Order of the classes ===


def _orders(model, description, source, found):
    """Returns the possible orders: `{name of the order: class names}`."""
    folders = source.class_names
    names = _own_names(model, description)
    if names is not None:
        if description.class_order is not None:
            raise ValueError(
                "The model names its classes itself: leave out `class_order`. "
                f"Received: class_order={description.class_order!r}"
            )
        _check_count(found, names, "names")
        return {"labels": _as_folders(names, folders)}
    _check_count(found, folders, "folders of pictures")
    orders = _usual_orders(source)
    if description.class_order is not None:
        return {description.class_order: orders[description.class_order]}
    if orders["natural"] == orders["keras"]:
        return {"natural": folders}
    return orders


def _usual_orders(source):
    folders = source.class_names
    by_keras = tuple(sorted(folders, key=_spelled(source).get))
    return dict(zip(ORDERS, (folders, by_keras), strict=True))


def _spelled(source):
    """Returns `{class: name of its folder on the disk}`.

    A class has its name in composed form and without blanks at its ends;
    Keras sorts the folders as they are named.
    """
    spelled = {}
    for name, label in zip(source.names, source.labels, strict=True):
        class_name = source.class_names[label]
        for part in name.split("/")[:-1]:
            if class_name_of(part) == class_name:
                spelled.setdefault(class_name, part)
    return {name: spelled.get(name, name) for name in source.class_names}


def _as_folders(names, folders):
    """Checks that names are those of the folders; returns the names."""
    names = tuple(unicodedata.normalize("NFC", name) for name in names)
    if set(names) != set(folders):
        raise ValueError(
            "The folders of pictures must be named like the model's classes: "
            f"{_listed(names, folders)}. "
            f"Received: {_listed(folders, names)}"
        )
    return names


def _listed(names, others, count=10):
    """Names of few classes, or those that the others lack."""
    if len(names) > count:
        names = [name for name in names if name not in others] or names
    more = f" and {len(names) - count} more" if len(names) > count else ""
    return ", ".join(names[:count]) + more


def _check_count(found, names, what):
    if len(names) != found.num_classes:
        raise ValueError(
            f"The model has {found.num_classes} classes. "
            f"Received: {len(names)} {what}: {_listed(names, ())}"
        )


# === Questions ===


def _ask_order(orders):
    place = next(
        i
        for i, (a, b) in enumerate(zip(*orders.values(), strict=True))
        if a != b
    )
    a, b = (names[place] for names in orders.values())
    return OpenQuestion(
        "The model does not name its classes, and the folders have two usual "
        f"orders (class {place} is {a!r} in natural order, {b!r} in that of "
        "Keras's image_dataset_from_directory)",
        "class_order",
        "natural or keras, or `labels`, a file of the names in the order of "
        "its outputs",
    )
