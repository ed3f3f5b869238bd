"""Client: one of the ways in which apps make the input of a model."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

# Differences of a client from training, from harmless to wrong.
SAME = "same"
ANTIALIASED = "antialiased"
ALIASED = "aliased"
CROP = "crop"
TURNED = "turned"
COLOURS = "colours"
COMPRESSED = "compressed"


@dataclasses.dataclass(frozen=True)
class Client:
    """A way to make the square input of a model from a picture.

    Attributes:
        name: Its key in a report.
        title: Its name in a table.
        shrink: Function from a picture, uint8 `(height, width, 3)`, and a side
            to uint8 `(side, side, 3)`.
        who: Its name in a sentence; `""` for a mistake, which has a sentence of
            its own.
        fault: Its difference from training: one of the constants of this
            module.
        change: Function from uint8 `(side, side, 3)` to the same, a change of
            the result. Defaults to `None`: no change.
        other_crop: Whether it gets the picture with the crop that training did
            not use: the whole picture, if that used the square in the middle.
            Defaults to `False`.
    """

    name: str
    title: str
    who: str
    shrink: Callable
    fault: str
    change: Callable | None = None
    other_crop: bool = False

    def make(self, pixels, side):
        """Makes the input of a model.

        Args:
            pixels: uint8 array `(height, width, 3)`.
            side: Side of the input in pixels.

        Returns:
            uint8 array `(side, side, 3)`.
        """
        return self.changed(self.shrink(pixels, side))

    def changed(self, made):
        """Changes a picture that it has shrunk; see `make`."""
        return made if self.change is None else self.change(made)
