"""Runs a .tflite file in MediaPipe's ImageClassifier, which resizes by itself.

The job's `region` is `"whole"`, the whole picture, or `"square"`, its centred
square. With `rotation` the picture is turned clockwise before it is classified;
the region is that of the picture before. With `"open": "mediapipe"` it is
MediaPipe that opens the picture.
"""

import job
import mediapipe
import numpy as np
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.components.containers.rect import RectF
from mediapipe.tasks.python.vision import ImageClassifier
from mediapipe.tasks.python.vision import ImageClassifierOptions
from mediapipe.tasks.python.vision.core.image_processing_options import (
    ImageProcessingOptions,
)


def start(given):
    options = ImageClassifierOptions(
        base_options=BaseOptions(model_asset_path=given["file"]),
        max_results=-1,
    )
    classifier = ImageClassifier.create_from_options(options)

    def predict(picture):
        if given.get("open") == "mediapipe":
            image = mediapipe.Image.create_from_file(picture.filename)
        else:
            image = mediapipe.Image(
                image_format=mediapipe.ImageFormat.SRGB, data=np.array(picture)
            )
        region = None
        if given["region"] == "square":
            region = centred_square(*picture.size)
        result = classifier.classify(
            image,
            ImageProcessingOptions(
                region_of_interest=region,
                rotation_degrees=given.get("rotation", 0),
            ),
        )
        (head,) = result.classifications
        probabilities = np.zeros(len(head.categories))
        for category in head.categories:
            probabilities[category.index] = category.score
        return probabilities

    return predict


def centred_square(width, height):
    """The largest centred square, in shares of the width and the height."""
    side = min(width, height)
    across, down = side / width, side / height
    return RectF(
        left=(1 - across) / 2,
        top=(1 - down) / 2,
        right=(1 + across) / 2,
        bottom=(1 + down) / 2,
    )


job.answer(start)
