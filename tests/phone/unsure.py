"""A small network that tells how familiar a picture is, and what it knows."""

import base64
import dataclasses
import json

import keras
import numpy as np
from network import PER_CLASS
from network import SIZE
from network import attributes_of

from kerasfg.data.field_guide.field_guide import field_guide
from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.evaluation.metrics.familiarity import fit_familiarity
from kerasfg.evaluation.metrics.prediction_sets import fit_sets
from kerasfg.export import export
from kerasfg.export import load
from kerasfg.models import FineGrainedClassifier

FILES = [f"model_pixels{SIZE}.{ending}" for ending in ("tflite", "onnx")]


def write_unsure(folder):
    """Writes an export, and what its files say of pictures in Python.

    Args:
        folder: Folder for `unsure`, the export, and `unsure.json`.
    """
    source = field_guide(PER_CLASS)
    images = np.stack(
        [shrink(source.read(i), SIZE) for i in range(len(source))]
    )
    labels, names = np.asarray(source.labels), source.class_names
    model = _trained(images, labels, names)
    features, logits, probabilities = (
        np.asarray(model.network(images.astype("float32"))[name])
        for name in ("features", "logits", "probabilities")
    )
    out = folder / "unsure"
    export(
        model,
        out,
        images[::8],
        class_names=names,
        metadata={
            "name": "Unsure",
            "threshold": 0.9,
            "class_attributes": attributes_of(names),
            # By heart: what is promised is not tested.
            "prediction_sets": fit_sets(labels, probabilities),
            "levels": [
                {
                    "name": "family",
                    "of_class": [name.split("_")[1] for name in names],
                    "threshold": 0.8,
                }
            ],
            "class_thresholds": {
                "precision": 0.9,
                "thresholds": [0.5] * len(names),
            },
        },
        familiarity=_flatter(fit_familiarity(features, features, logits)),
    )
    noise = np.random.default_rng(0).integers(0, 256, (10, SIZE, SIZE, 3))
    shown = np.concatenate([images[::12], noise]).astype("uint8")
    answers = {
        name: load(out / name).predict_with_familiarity(shown)[1].tolist()
        for name in FILES
    }
    pictures = base64.b64encode(shown.tobytes()).decode("ascii")
    content = {"size": SIZE, "images": pictures, "familiarity": answers}
    (folder / "unsure.json").write_text(json.dumps(content), "utf-8")


def _flatter(head, scale=1 / 30):
    """The same pictures are known, and float32 has the digits for 1e-6."""
    return dataclasses.replace(
        head,
        projection=head.projection * scale**0.5,
        bias=head.bias * scale**0.5,
        means=head.means * scale**0.5,
        energy=head.energy * scale,
        offset=head.offset * scale,
    )


def _trained(images, labels, names):
    keras.utils.set_random_seed(0)
    pixels = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1)(pixels)
    for filters in (16, 32, 64):
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=0.8)(x)
        x = keras.layers.ReLU()(x)
        x = keras.layers.MaxPooling2D()(x)
    backbone = keras.Model(pixels, x, name="backbone")
    model = FineGrainedClassifier(backbone, len(names), class_names=names)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(2e-3), loss)
    model.fit(images.astype("float32"), labels, epochs=12, verbose=0)
    return model
