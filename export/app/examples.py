"""A small picture of each class, which the model names correctly."""

import io

import numpy as np
from PIL import Image

from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.export.runtime.load import load

FOLDER = "examples"
_SIDE, _SMALL_SIDE = 256, 160  # the longer side, in pixels
_FEW = 200  # classes: of more the pictures are smaller
_QUALITY = 80


def write_examples(folder, file, manifest, examples):
    """Writes one picture of each class that has some.

    It is the one for which the model gives its class the highest probability,
    at the small size that is written. So tapping it in the app shows the right
    answer, if any picture of the class does.

    Args:
        folder: The model's folder in the app.
        file: Name of the model file in it, for exact pixels.
        manifest: Content of the export's `kerasfg.json`.
        examples: Function from the name of a class to an iterable of RGB
            pictures.

    Returns:
        Dictionary from a class to the path of its picture in the folder.

    Raises:
        ValueError: If no class has a picture.
    """
    (folder / FOLDER).mkdir()
    labels = manifest["class_names"]
    side = _SIDE if len(labels) <= _FEW else _SMALL_SIDE
    classifier = load(folder / file)
    paths = {}
    for number, label in enumerate(labels):
        jpegs = [_jpeg(picture, side) for picture in examples(label)]
        if jpegs:
            path = f"{FOLDER}/{number}.jpg"
            best = _surest(classifier, manifest, jpegs, number)
            (folder / path).write_bytes(jpegs[best])
            paths[label] = path
    if not paths:
        raise ValueError(
            "`examples` must have pictures of the model's classes, and has "
            f"none of {', '.join(labels[:3])}. Received: the classes of "
            f"{manifest['name']!r}"
        )
    return paths


def _jpeg(picture, side):
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    # Without the metadata: it may hold the place and the time.
    Image.fromarray(np.asarray(small)).save(
        file, "jpeg", quality=_QUALITY, optimize=True
    )
    return file.getvalue()


def _surest(classifier, manifest, jpegs, label):
    """The row of the picture whose own class is likeliest."""
    if len(jpegs) == 1:
        return 0
    pixels = []
    for jpeg in jpegs:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
            pixels.append(
                shrink(
                    picture.convert("RGB"),
                    manifest["image_size"],
                    manifest["crop"],
                    manifest["crop_fraction"],
                )
            )
    probabilities = np.asarray(classifier.predict(np.stack(pixels)))
    return int(probabilities[:, label].argmax())
