"""ClientFile: a model to run on the pictures that clients make."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Literal

FRAME, PIXELS = "frame", "pixels"
NETWORK = "network"  # name of the Keras model in a table


@dataclasses.dataclass(frozen=True)
class ClientFile:
    """A file of an export, or the network itself.

    Attributes:
        name: Name of the file, or `NETWORK`.
        takes: `"frame"` if it shrinks its input inside, `"pixels"` if it is
            to be shrunk before.
        image_size: Side of its input in pixels.
        predict: Function from uint8 `(pictures, image_size, image_size, 3)` to
            probabilities `(pictures, classes)`.
        path: Path of the file, for a client that runs it on its own. Defaults
            to `None`: there is no file.
    """

    name: str
    takes: Literal["frame", "pixels"]
    image_size: int
    predict: Callable
    path: Path | None = None
