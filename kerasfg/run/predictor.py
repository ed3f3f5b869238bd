"""Classifies pictures with a Keras model or an exported file."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
from typing import Literal

import numpy as np

from kerasfg.data.pixels.decode import decode_image
from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.evaluation.metrics.calibration import apply_temperature
from kerasfg.manifest import read_manifest
from kerasfg.run.given_paths import find_model
from kerasfg.status import status


@dataclasses.dataclass(frozen=True)
class Predictor:
    """A model with the preprocessing and calibration that it needs.

    Attributes:
        classify: Function from uint8 images `(n, size, size, 3)` to float32
            probabilities `(n, classes)`.
        image_size: Side of the input in pixels.
        crop: `"center"` or `"whole"`.
        class_names: Names of the classes.
        temperature: Divides the logits, for calibrated probabilities.
        threshold: Answers with a lower best probability are "not sure".
        crop_fraction: Share of the square's sides to keep, in the middle; see
            `kerasfg.data.shrink`.
    """

    classify: Callable
    image_size: int
    crop: Literal["center", "whole"]
    class_names: tuple[str, ...]
    temperature: float = 1.0
    threshold: float = 0.0
    crop_fraction: float = 1.0

    def predict(
        self, filepath: str | os.PathLike[str], top: int = 3
    ) -> dict[str, Any]:
        """Classifies one picture.

        Args:
            filepath: A picture in any format that Pillow decodes.
            top: Number of classes to name. Defaults to `3`.

        Returns:
            Dictionary: `file`, `class`, `probability`, `sure`, and `top`, a
            list of (class, probability), best first.

        Raises:
            ValueError: If the picture cannot be decoded.
        """
        image = shrink(
            decode_image(filepath),
            self.image_size,
            self.crop,
            self.crop_fraction,
        )
        raw = np.asarray(self.classify(image[None]))
        probabilities = apply_temperature(raw, self.temperature)[0]
        order = np.argsort(-probabilities, kind="stable")[:top]
        best = [(self.class_names[i], float(probabilities[i])) for i in order]
        return {
            "file": str(filepath),
            "class": best[0][0],
            "probability": best[0][1],
            "sure": best[0][1] >= self.threshold,
            "top": best,
        }


def describe(answer: Mapping[str, Any]) -> str:
    """Formats a result of `Predictor.predict` as one line.

    Args:
        answer: The result, or a dictionary with `file` and `error`.

    Returns:
        A string.

    Example:

    >>> answer = {"file": "a.png", "sure": False, "top": [("wren", 0.25)]}
    >>> describe(answer)
    'a.png: not sure: wren 25.0 %'
    """
    if "error" in answer:
        return f"{answer['file']}: cannot be read: {answer['error']}"
    names = ", ".join(f"{name} {100 * p:.1f} %" for name, p in answer["top"])
    unsure = "" if answer["sure"] else "not sure: "
    return f"{answer['file']}: {unsure}{names}"


def load_predictor(path: str | os.PathLike[str]) -> Predictor:
    """Loads a run, a `.keras` file or an exported file to predict with.

    Args:
        path: A run folder, an export folder, or a `.keras`, `.tflite` or
            `.onnx` file. The `kerasfg.json` in the same folder adds names of
            classes, crop and calibration.

    Returns:
        A `Predictor`.

    Raises:
        ValueError: If there is no such model.
    """
    file = find_model(path)
    if file.suffix == ".keras":
        return _load_keras(file)
    from kerasfg.export.runtime.load import load

    runtime = load(file)
    return _with_manifest(
        file, runtime.predict, runtime.image_size, runtime.num_classes
    )


def _load_keras(path):
    import keras

    import kerasfg  # noqa: F401 (registers the classes)

    with status("Loading the model"):
        model = keras.saving.load_model(path, compile=False, safe_mode=True)

    def classify(images):
        return model.predict(images, verbose=0)

    return _with_manifest(
        path,
        classify,
        model.input_shape[1],
        model.output_shape[-1],
        getattr(model, "class_names", None),
    )


def _with_manifest(path, classify, image_size, num_classes, class_names=None):
    """Adds the values of `kerasfg.json` in the model's folder, if any."""
    manifest = read_manifest(path.parent) or {}
    return Predictor(
        classify,
        image_size,
        manifest.get("crop", "center"),
        _names(manifest.get("class_names", class_names), num_classes),
        manifest.get("temperature") or 1.0,
        manifest.get("threshold") or 0.0,
        manifest.get("crop_fraction", 1.0),
    )


def _names(class_names, num_classes):
    if class_names and len(class_names) == num_classes:
        return tuple(class_names)
    return tuple(f"class {i}" for i in range(num_classes))
