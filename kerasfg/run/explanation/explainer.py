"""Explains the answers of a Keras model."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from kerasfg.evaluation.explanation.activation_map import class_activation_map
from kerasfg.evaluation.explanation.activation_map import method_of
from kerasfg.evaluation.explanation.explanation import Explanation
from kerasfg.evaluation.explanation.explanation import Neighbour
from kerasfg.evaluation.explanation.feature_file import KnownPictures
from kerasfg.evaluation.explanation.features import features_model
from kerasfg.evaluation.explanation.nearest_pictures import nearest_pictures
from kerasfg.evaluation.explanation.page.drawing import thumbnail
from kerasfg.run.description import Description
from kerasfg.run.explanation.training_pictures import training_pictures
from kerasfg.run.given_paths import find_model
from kerasfg.run.predictor import Predictor

NEAREST = 3


@dataclasses.dataclass(frozen=True, eq=False)
class Explainer:
    """Explains the answers of a `Predictor`.

    Attributes:
        predictor: `Predictor` of a Keras model.
        model: `keras.Model` from pixels 0 to 255 to classes.
        features: The part of it that computes the features.
        known: The training pictures, or `None`.
        read: Function from the name of a training picture to the picture, or
            `None` if they may not be shown.
    """

    predictor: Predictor
    model: keras.Model
    features: keras.Model
    known: KnownPictures | None = None
    read: Callable | None = None

    def explain(
        self, filepath: str | os.PathLike[str], answer: dict[str, Any]
    ) -> Explanation:
        """Explains one answer.

        The map is that of the class that was answered and, where it is not
        sure, of the second best as well.

        Args:
            filepath: The picture.
            answer: What `Predictor.predict` or `Predictor.ask` returned.

        Returns:
            An `Explanation`.

        Raises:
            ValueError: As `Predictor.predict`.
        """
        image = self.predictor.image(filepath)
        names = [name for name, _ in answer["top"]]
        shown = names[: 1 if answer["sure"] else 2]
        classes = [self.predictor.class_names.index(name) for name in shown]
        images = np.repeat(image[None], len(shown), axis=0).astype("float32")
        maps = class_activation_map(self.model, images, classes)
        return Explanation(
            answer,
            image,
            method_of(self.model),
            list(zip(shown, maps, strict=True)),
            self._nearest(images[:1]),
        )

    def _nearest(self, images):
        if self.known is None:
            return None
        features = self.features(images, training=False)
        indices, cosines = nearest_pictures(
            self.known.features, keras.ops.convert_to_numpy(features), NEAREST
        )
        return [
            Neighbour(
                self.known.names[i],
                self.known.classes[i],
                float(cosine),
                self._picture(self.known.names[i]),
            )
            for i, cosine in zip(indices[0], cosines[0], strict=True)
        ]

    def _picture(self, name):
        if self.read is None:
            return None
        try:
            return thumbnail(self.read(name))
        except (KeyError, OSError, ValueError):  # it is no longer there
            return None


def load_explainer(
    predictor: Predictor,
    path: str | os.PathLike[str],
    data: str | os.PathLike[str] | None = None,
    description: Description | None = None,
    examples: bool = False,
    verbose: bool = True,
) -> Explainer:
    """Prepares explanations of a model's answers.

    The features of the training pictures are computed once and kept in the
    cache folder.

    Args:
        predictor: Result of `kerasfg.run.load_predictor`.
        path: A run folder or a `.keras` file, as it was loaded from.
        data: Place of the training pictures of a `.keras` file. Defaults to
            `None`: those of a run are in its recipe; otherwise there are none.
        description: `Description` of a `.keras` file. Defaults to `None`.
        examples: Whether small copies of training pictures may be shown.
            Defaults to `False`.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        An `Explainer`.

    Raises:
        ValueError: If the model is an exported file, or has no feature map.
    """
    if predictor.network is None:
        raise not_keras(path)
    model = explained_model(predictor.network)
    features = features_model(model)
    known, read = training_pictures(
        find_model(path),
        features,
        predictor,
        data,
        description or Description(),
        examples,
        verbose,
    )
    return Explainer(predictor, model, features, known, read)


def explained_model(found):
    """Returns a model from pixels 0 to 255 to the outputs of a model.

    Args:
        found: `kerasfg.export.inference.classifier.Classifier`.

    Returns:
        `keras.Model` of one output, whose graph shows the last map.
    """
    plain = found.as_model()
    if plain is found.model:
        return plain
    size = found.image_size
    pixels = keras.Input((size, size, 3), name="image")
    outputs = found.model(found.scaling.apply(pixels))
    return keras.Model(pixels, keras.tree.flatten(outputs)[found.head.index])


def not_keras(path):
    """Returns the error for a model without Keras's layers."""
    return ValueError(
        "`why` looks into the layers of a Keras model: name the run folder or "
        f"the .keras file. Received: model={str(path)!r}"
    )
