"""TFLMClassifier: a file that runs in TensorFlow Lite for Microcontrollers."""

import contextlib
import importlib.metadata
import importlib.util
import os
import re
import sys
import tempfile

import numpy as np

from kerasfg.export.micro.eight_bits import to_int8
from kerasfg.export.micro.eight_bits import to_probabilities
from kerasfg.export.runtime.contract import check_images

PACKAGE = "tflite-micro"
# Of a computer, to find out how much of it a file needs.
_ARENA = 64 * 2**20


class TFLMClassifier:
    """A classifier run by the Python package `tflite-micro`.

    Its kernels are the reference ones, in C++, as they run on a board without
    kernels of its own. Run it in another process, since it may crash.

    Args:
        contents: Bytes of a `.tflite` file, int8 in and out.
        num_threads: Ignored: microcontrollers have one. Defaults to `None`.

    Attributes:
        image_size: N of its input.
        num_classes: Number of its classes.
        arena_bytes: Bytes that it needs for the tensors and its own records:
            the smallest arena that it takes on this computer. A
            microcontroller, whose addresses are half as long, needs less, and
            kernels of its own may need more.

    Raises:
        ValueError: If the file is broken, or has an operator that
            microcontrollers lack.
    """

    def __init__(self, contents, num_threads=None):
        from tflite_micro import runtime

        try:
            self._interpreter = runtime.Interpreter.from_bytes(
                contents, arena_size=_ARENA
            )
            source = self._interpreter.get_input_details(0)
            target = self._interpreter.get_output_details(0)
        except (RuntimeError, ValueError) as error:
            raise ValueError(
                f"TensorFlow Lite for Microcontrollers refuses it: {error}"
            ) from error
        self.image_size = int(source["shape"][1])
        self.num_classes = int(target["shape"][1])
        self.arena_bytes = _arena_bytes(self._interpreter)

    def predict(self, images):
        """Returns probabilities, float32 `(pictures, classes)`.

        Args:
            images: uint8 `(pictures, N, N, 3)`.

        Raises:
            ValueError: If `images` have another shape or dtype.
            RuntimeError: If the model does not run.
        """
        rows = []
        for image in to_int8(check_images(images, self.image_size)):
            self._interpreter.set_input(image[None], 0)
            self._interpreter.invoke()
            rows.append(self._interpreter.get_output(0)[0].copy())
        return to_probabilities(np.stack(rows))


def tflm_version():
    """Returns the version of `tflite-micro`, or `None` if it is missing."""
    if importlib.util.find_spec("tflite_micro") is None:
        return None
    return importlib.metadata.version(PACKAGE)


def _arena_bytes(interpreter):
    """Reads the size of the arena, which is only ever printed."""
    with tempfile.TemporaryFile() as file:
        with _stderr_to(file):
            interpreter.print_allocations()
        file.seek(0)
        text = file.read().decode("utf-8", "replace")
    found = re.search(r"Arena allocation total (\d+) bytes", text)
    return int(found[1]) if found else None


@contextlib.contextmanager
def _stderr_to(file):
    """Writes to a file what C++ writes to stderr in a block."""
    sys.stderr.flush()
    kept = os.dup(2)
    os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
