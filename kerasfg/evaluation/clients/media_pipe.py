"""MediaPipe's own ImageClassifier, where it is installed."""

import importlib.util

import numpy as np

TITLE = "MediaPipe itself"


def is_installed():
    """Returns whether MediaPipe can be imported."""
    return importlib.util.find_spec("mediapipe") is not None


class MediaPipeClassifier:
    """Runs a `.tflite` file in MediaPipe, which crops and shrinks itself.

    It is given the square that training used: without that it squashes the
    whole picture. Close it, or use it in a `with` statement.

    Args:
        filepath: A `.tflite` file with metadata.

    Raises:
        ValueError: If MediaPipe does not take the file.
    """

    def __init__(self, filepath):
        import mediapipe  # pyright: ignore[reportMissingImports]
        from mediapipe.tasks.python import BaseOptions  # pyright: ignore[reportMissingImports]
        from mediapipe.tasks.python import vision  # pyright: ignore[reportMissingImports]

        self._mediapipe = mediapipe
        options = vision.ImageClassifierOptions(
            base_options=BaseOptions(model_asset_buffer=filepath.read_bytes()),
            max_results=1,
        )
        try:
            self._task = vision.ImageClassifier.create_from_options(options)
        except RuntimeError as error:
            raise ValueError(
                f"MediaPipe does not take the file: {error}. "
                f"Received: filepath={str(filepath)!r}"
            ) from error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._task.close()

    def top_class(self, pixels):
        """Returns the index of the most probable class.

        Args:
            pixels: uint8 array `(height, width, 3)` of any size.
        """
        image = self._mediapipe.Image(
            image_format=self._mediapipe.ImageFormat.SRGB,
            data=np.ascontiguousarray(pixels),
        )
        found = self._task.classify(image).classifications[0].categories
        return found[0].index if found else -1
