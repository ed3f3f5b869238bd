"""Gives a new model the weights of a trained one, where they fit."""

import dataclasses
import hashlib
import re
import warnings

import keras
import numpy as np
from rich.console import Console

from kerasfg.config.first_weights import trained_model
from kerasfg.config.names import arguments_named
from kerasfg.distributed.processes import SINGLE_PROCESS
from kerasfg.models.fine_grained_classifier import FineGrainedClassifier
from kerasfg.run.load_keras import load_keras
from kerasfg.run.run_folder import RunFolder
from kerasfg.training.setup.known_pictures import known_pictures


def load_first_weights(model, recipe, processes=SINGLE_PROCESS, verbose=True):
    """Gives a model the weights that its training is to begin with.

    `take_weights` does it, if the recipe names a trained model
    (`kerasfg.config.first_weights`); otherwise nothing is done. What was taken
    is printed in a line.

    Args:
        model: The new `FineGrainedClassifier`.
        recipe: Its `Recipe`.
        processes: `Processes` that share the training. Defaults to
            `SINGLE_PROCESS`.
        verbose: Whether to print the line. Defaults to `True`.

    Raises:
        ValueError: If there is no such model, it fits nowhere, or it differs
            between processes.
    """
    file = trained_model(recipe)
    if file is None:
        return
    named = recipe.chosen_weights()
    place = recipe.teacher.run if named == "teacher" else named
    if not file.is_file():
        raise ValueError(
            "`weights` must be those of a finished training, with its "
            f"model.keras. Received: weights={place!r}"
        )
    _check_processes(file, place, processes)
    with arguments_named(model="weights"):
        source = load_keras(file, verbose=False)
    taken = take_weights(model, source, place)
    Console(quiet=not verbose).print(
        taken.line(place), markup=False, highlight=False, soft_wrap=True
    )


def warn_of_known_pictures(recipe, pixels, splits):
    """Warns if the weights have learned pictures that are held out now.

    A teacher is refused for that (`TeacherRun.check_pictures`). Weights are
    not, since a network may well be trained on with more pictures.

    Args:
        recipe: The `Recipe`.
        pixels: The `kerasfg.data.PixelCache`.
        splits: Array with the split of each picture.
    """
    file = trained_model(recipe)
    weights = recipe.chosen_weights()
    if file is None or weights == "teacher":
        return
    source = RunFolder(file.parent)
    if not source.splits.is_file():
        return
    seen = known_pictures(source, recipe, pixels.names, splits)
    if seen:
        warnings.warn(
            f"The weights of {weights} have learned {len(seen)} of the "
            f"pictures that are held out here, such as {seen[0]!r}: the "
            "results will be better than on new pictures. Train both with the "
            "same data and seed, or add a splits.csv to the folder of the "
            "pictures.",
            stacklevel=2,
        )


@dataclasses.dataclass
class Taken:
    """What a model took of another's weights.

    Attributes:
        backbone: Number of the weights of the backbone that were taken.
        of: Number of all its weights.
        others: What became of each other layer with weights, by its name.
    """

    backbone: int
    of: int
    others: dict[str, str]

    def line(self, place):
        """Returns it as a sentence.

        Args:
            place: Where the other model is, a string.
        """
        count = f"All {self.of}"
        rest = ""
        if self.backbone < self.of:
            count = f"{self.backbone} of the {self.of}"
            rest = ", the others are random"
        others = "".join(f"; {k}: {text}" for k, text in self.others.items())
        return f"{count} weights of the backbone are from {place}{rest}{others}"


def take_weights(model, source, place="the model"):
    """Gives a model the weights of another, where they fit.

    A layer takes them from its counterpart: the layer of the same name or, if
    Keras chose the name, of the same number among the layers of its class. A
    weight is taken if it has the same name and shape there. The last layer
    takes them only where the classes have the same names; their order may
    differ. Centroids of attributes are not taken.

    Args:
        model: A `FineGrainedClassifier`.
        source: Another one.
        place: Where that is, for error messages. Defaults to `"the model"`.

    Returns:
        A `Taken`.

    Raises:
        ValueError: If `source` is of another class, or no weight of its
            backbone fits.
    """
    if not isinstance(source, FineGrainedClassifier):
        raise ValueError(
            "The weights must be those of a model that kerasfg has trained. "
            f"Received: weights={place!r}, of a {type(source).__name__}"
        )
    own, theirs = _streams(model), _streams(source)
    weights = _by_place(own)
    pairs = _fitting(weights, _by_place(theirs))
    if not pairs:
        raise ValueError(
            "The weights must be of the same backbone, or one that is partly "
            f"the same. Received: weights={place!r}, {_described(theirs)}, "
            f"for {_described(own)}"
        )
    others = _others(model, source, {*own, *theirs})
    _assign(pairs)
    return Taken(len(pairs), len(weights), others)


def _streams(model):
    return keras.tree.flatten(model.backbone)


def _by_place(models):
    """Returns the weights of models by their places in them."""
    found = {}
    for number, one in enumerate(models):
        seen = {}
        for layer in _layers(one):
            place = _place(layer, seen)
            for index, weight in enumerate(layer.weights):
                found[number, place, index, weight.name] = weight
    return found


def _layers(model):
    for layer in model.layers:
        if isinstance(layer, keras.Model) and layer.layers:
            yield from _layers(layer)
        else:
            yield layer


def _place(layer, seen):
    """Returns the name of a layer, or its number if Keras has named it."""
    kind = type(layer).__name__.lower()
    if re.sub(r"_\d+$", "", layer.name).replace("_", "") != kind:
        return layer.name
    seen[kind] = seen.get(kind, 0) + 1
    return f"{kind} {seen[kind]}"


def _fitting(own, theirs):
    """Returns pairs of a weight and the one that it takes."""
    return [
        (weight, theirs[place])
        for place, weight in own.items()
        if place in theirs and weight.shape == theirs[place].shape
    ]


def _assign(pairs):
    for variable, other in pairs:
        # A copy: a step on JAX takes the memory of its weights.
        variable.assign(keras.ops.convert_to_numpy(other))


def _described(streams):
    weights = _by_place(streams)
    places = [place[1] for place in weights]
    return f"{len(weights)} weights from {places[0]} to {places[-1]}"


# === Beyond the backbone ===


def _others(model, source, streams):
    """Takes the weights of the other layers; returns what was done for each."""
    said, theirs = {}, {x.name: x for x in source.network.layers}
    for layer in model.network.layers:
        if layer in streams or not layer.weights:
            continue
        other = theirs.get(layer.name)
        if layer.name == "logits":
            said["classifier"] = _take_classes(model, source, layer, other)
            continue
        pairs = _pairs(layer, other)
        _assign(pairs)
        said[layer.name] = "too" if pairs else "new"
    return said


def _pairs(layer, other):
    shapes = [weight.shape for weight in layer.weights]
    if other is None or shapes != [weight.shape for weight in other.weights]:
        return []
    return list(zip(layer.weights, other.weights, strict=True))


def _take_classes(model, source, layer, other):
    own, theirs = model.class_names, source.class_names
    if own is None or theirs is None or {*own} != {*theirs}:
        return "new, for other classes"
    if layer.kernel.shape != other.kernel.shape:
        return "new, for other features"
    order = [theirs.index(name) for name in own]
    for variable, value in zip(layer.weights, other.weights, strict=True):
        value = keras.ops.convert_to_numpy(value)
        variable.assign(np.take(value, order, axis=-1))
    if order == sorted(order):
        return "too, for the same classes"
    return "too, for the same classes in another order"


def _check_processes(file, place, processes):
    mine = hashlib.blake2b(file.read_bytes(), digest_size=16).digest()
    if processes.share(mine) != mine:
        raise ValueError(
            "All processes must begin with the same weights. Received: "
            f"weights={place!r}, which differ between process "
            f"{processes.index} and process 0"
        )
