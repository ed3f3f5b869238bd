"""Explanation: why a picture got its answer, as it is shown."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

DIGITS = 5  # of a value of a map in JSON


@dataclasses.dataclass(frozen=True, eq=False)
class Neighbour:
    """A training picture with features similar to those of the picture.

    Attributes:
        name: Name of the picture in the training data.
        class_name: Its class.
        similarity: Cosine of the angle between the features, at most 1.
        picture: Small picture as a `data:` URI, or `None` if it may not be
            shown. Defaults to `None`.
    """

    name: str
    class_name: str
    similarity: float
    picture: str | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Explanation:
    """Why a picture got its answer.

    Attributes:
        answer: Result of `kerasfg.evaluation.answer.answer`, with `file`.
        image: The picture as the model gets it, uint8 `(size, size, 3)`.
        method: `"CAM"` or `"Grad-CAM"`.
        maps: Pairs of the name of a class and its map; see
            `kerasfg.evaluation.class_activation_map`.
        nearest: List of `Neighbour`, or `None` if there are no training
            pictures to compare it with.
    """

    answer: dict[str, Any]
    image: npt.NDArray[np.uint8]
    method: str
    maps: list[tuple[str, npt.NDArray[np.float32]]]
    nearest: list[Neighbour] | None

    def as_json(self) -> dict[str, Any]:
        """Returns `method`, `maps` and `nearest` as strict JSON."""
        near = None
        if self.nearest is not None:
            near = [
                {
                    "file": one.name,
                    "class": one.class_name,
                    "similarity": one.similarity,
                }
                for one in self.nearest
            ]
        maps = [
            {
                "class": name,
                "map": [[_rounded(x) for x in row] for row in values],
            }
            for name, values in self.maps
        ]
        return {"method": self.method, "maps": maps, "nearest": near}


def describe_nearest(nearest: list[Neighbour]) -> str:
    """Formats training pictures as one line.

    Example:

    >>> describe_nearest([Neighbour("wren/7.jpg", "wren", 0.934)])
    'looks like wren/7.jpg (wren, 0.93)'
    """
    listed = [
        f"{one.name} ({one.class_name}, {one.similarity:.2f})"
        for one in nearest
    ]
    return f"looks like {', '.join(listed)}"


def _rounded(value):
    return float(f"{value:.{DIGITS}g}")
