"""Tries answers to the questions about a model on labelled pictures."""

import dataclasses
import functools
import warnings

import numpy as np

from kerasfg.data.pixels.cache import PixelCache
from kerasfg.data.pixels.cache import prepare
from kerasfg.export.inference.classifier import classifier
from kerasfg.export.inference.known_models import is_own_model
from kerasfg.export.inference.open_question import OpenQuestion
from kerasfg.export.inference.open_question import ask
from kerasfg.export.inference.picture_size import takes_grey
from kerasfg.export.inference.pixel_range import INPUT_RANGES
from kerasfg.export.inference.pixel_range import check_input_range
from kerasfg.run.description import CROPS

_SHOWN = 6  # accuracies in a message
_BETTER = 0.001  # probability that another answer seems better by chance
_OF_TRAINING = (
    "A high accuracy does not prove that every class is right: give what the "
    "model was trained with."
)


class Trials:
    """The answers of a model to some pictures, used in different ways.

    Args:
        model: `keras.Model`.
        source: `kerasfg.data.Source` of the pictures.
        description: `Description`.
        image_size: Side of the model's pictures in pixels.
        pixels: `PixelCache` of the pictures if they were prepared already;
            `source` is not read then. Defaults to `None`.

    Attributes:
        model: As the argument.
    """

    def __init__(self, model, source, description, image_size, pixels=None):
        self.model = model
        self._prepared = pixels
        self._source, self._description = source, description
        self._image_size = image_size
        self._pixels = functools.cache(self._prepare)
        self._predicted = functools.cache(self._predict)

    def are_square(self):
        """Returns whether all of these pictures are square."""
        return are_square(self._pixels(self._crop()))

    def predictions(self, input_range, crop, class_names):
        """Returns the labels of the pictures, and the probabilities.

        Args:
            input_range: One of `INPUT_RANGES`, or `None` for what was found
                or given.
            crop: `"center"` or `"whole"`.
            class_names: Names in the order of the model's outputs.
        """
        pixels, probabilities = self._predicted(input_range, crop)
        return in_order(pixels, class_names).labels, probabilities

    def with_accuracies(self, questions, orders):
        """Returns an error with the questions, and accuracies of their answers.

        Args:
            questions: List of `OpenQuestion`.
            orders: Possible orders, `{name: class names}`.
        """
        asked = {question.argument for question in questions}
        ranges = INPUT_RANGES if "input_range" in asked else (None,)
        crops = CROPS if "crop" in asked else (self._crop(),)
        found = []
        for given in ranges:
            for crop in crops:
                for order, names in orders.items():
                    answer = {
                        "input_range": given and f"{given[0]},{given[1]}",
                        "crop": crop,
                        "class_order": order,
                    }
                    answer = {k: v for k, v in answer.items() if k in asked}
                    right = self._right(given, crop, names)
                    found.append((right, answer))
        return _questions_error(questions, [x for x in found if x[1]])

    def check_best(self, crop, orders, usual_orders):
        """Checks that no other answer fits the pictures clearly better.

        Args:
            crop: Crop of the pictures.
            orders: The given order, `{name: class names}`.
            usual_orders: All usual orders, a dictionary like it.

        Raises:
            ValueError: If another pixel range, crop or order does.
        """
        ((order, names),) = orders.items()
        self._check_logits(crop)
        given = self._right(None, crop, names)
        self._check_channels(crop, names, given)
        for name, value, right in self._others(
            crop, order, names, usual_orders
        ):
            if not _is_better(right, given):
                continue
            raise ValueError(
                "Another answer fits the pictures clearly better: accuracy "
                f"{right.mean():.3f} with `{name}` {value}, but "
                f"{given.mean():.3f} as given. {_OF_TRAINING} `untrained` "
                "accepts it as it is. Received: "
                f"{name}={getattr(self._description, name)!r}"
            )

    def _check_logits(self, crop):
        """Refuses logits that are probabilities on all pictures."""
        if self._description.output != "logits":
            return
        arguments = {**self._description.of_model(), "output": "probabilities"}
        found = classifier(self.model, **arguments)
        if found.head.is_binary:  # logits may be from 0 to 1 as well
            return
        try:
            found.predict(np.asarray(self._pixels(crop).images))
        except ValueError:
            return
        raise ValueError(
            "The outputs are not negative and add up to 1 on each picture, so "
            "that they are probabilities: give `output` as probabilities. "
            "Received: output='logits'"
        )

    def _check_channels(self, crop, names, given):
        """Refuses a model that takes blue first."""
        pixels = self._pixels(crop)
        if is_own_model(self.model) or takes_grey(self.model):
            return
        found = classifier_with(self.model, self._description)
        try:
            blue_first = found.predict(np.asarray(pixels.images)[..., ::-1])
        except ValueError:  # numbers that are not finite
            return
        labels = in_order(pixels, names).labels
        right = labels == blue_first.argmax(axis=1)
        if _is_better(right, given):
            raise ValueError(
                "The model takes the channels in the order blue, green, red: "
                f"accuracy {right.mean():.3f}, but {given.mean():.3f} with red "
                "first, as pictures and cameras give them. Swap them in the "
                "model, by a first layer, and save it again; `untrained` "
                f"accepts it as it is. Received: model={self.model.name!r}"
            )

    def _others(self, crop, order, names, usual_orders):
        """Yields `(argument, value, right answers)` of arguments not given."""
        given = self._description
        if given.class_order is not None:
            for other, others in usual_orders.items():
                if other != order:
                    right = self._right(None, crop, others)
                    yield "class_order", other, right
        if given.input_range is not None:
            for low, high in INPUT_RANGES:
                if (low, high) != check_input_range(given.input_range):
                    right = self._right((low, high), crop, names)
                    yield "input_range", f"{low},{high}", right
        if given.crop is not None:
            for other in CROPS:
                if other != crop:
                    yield "crop", other, self._right(None, other, names)

    def _crop(self):
        return self._description.crop or "center"

    def _right(self, input_range, crop, names):
        """Whether the answer to each picture is right."""
        labels, probabilities = self.predictions(input_range, crop, names)
        return labels == probabilities.argmax(axis=1)

    def _prepare(self, crop):
        if self._prepared is not None:
            return self._prepared
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pictures that are skipped
            return prepare(
                self._source,
                self._image_size,
                crop,
                crop_fraction=self._description.crop_fraction or 1.0,
                progress=False,
            )

    def _predict(self, input_range, crop):
        tried = classifier_with(self.model, self._description, input_range)
        pixels = self._pixels(crop)
        try:
            return pixels, tried.predict(np.asarray(pixels.images))
        except ValueError:
            if input_range is None:
                raise
            # Numbers that are not finite: nothing is right in this range.
            nothing = np.full((len(pixels), tried.num_classes), -1.0)
            nothing[np.arange(len(pixels)), pixels.labels - 1] = 0
            return pixels, nothing


def classifier_with(model, description, input_range=None):
    """Returns a `Classifier` for a trial, with an answer of its own.

    Args:
        model: `keras.Model`.
        description: `Description`.
        input_range: Range of the pixels, instead of that of the description.
            Defaults to `None`: as found or given.
    """
    arguments = description.of_model()
    if input_range is not None:
        arguments["input_range"] = input_range
    try:
        return classifier(model, **arguments)
    except OpenQuestion:  # the best class is that of the largest logit
        return classifier(model, **{**arguments, "output": "logits"})


def in_order(pixels: PixelCache, class_names) -> PixelCache:
    """Returns pictures whose labels are indices into other names.

    Args:
        pixels: `PixelCache`.
        class_names: The same names in another order.
    """
    if tuple(class_names) == pixels.class_names:
        return pixels
    new = np.array([class_names.index(name) for name in pixels.class_names])
    return dataclasses.replace(
        pixels,
        labels=new[pixels.labels].astype(np.int32),
        class_names=tuple(class_names),
    )


def are_square(pixels: PixelCache) -> bool:
    """Returns whether all pictures were square before they were shrunk."""
    sizes = np.asarray(pixels.picture_sizes)
    return bool((sizes[:, 0] == sizes[:, 1]).all())


def _is_better(right, given):
    """Whether other answers are right more often, and not by chance."""
    from scipy.stats import binom

    gained = int(np.sum(right & ~given))
    lost = int(np.sum(given & ~right))
    if gained <= lost:
        return False
    return bool(binom.sf(gained - 1, gained + lost, 0.5) < _BETTER)


def _questions_error(questions, trials):
    try:
        ask(questions)
    except ValueError as error:
        asked, _, received = str(error).rpartition(" Received: ")
    trials = sorted(trials, key=lambda trial: -trial[0].mean())
    texts = [
        f"{right.mean():.3f} with "
        + ", ".join(f"`{name}` {value}" for name, value in answer.items())
        for right, answer in trials[:_SHOWN]
    ]
    if texts:
        asked += (
            " Accuracy on some of the pictures: "
            f"{'; '.join(texts)}. {_OF_TRAINING}"
        )
    return AskedOnPictures(f"{asked} Received: {received}", questions)


class AskedOnPictures(ValueError):
    """Open questions, with the accuracy of possible answers.

    Args:
        message: The message.
        questions: List of `OpenQuestion`.

    Attributes:
        questions: As the argument.
    """

    def __init__(self, message, questions):
        self.questions = questions
        super().__init__(message)
