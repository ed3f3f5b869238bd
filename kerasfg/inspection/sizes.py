"""The sizes of pictures, or of the subjects cut out of them."""

from __future__ import annotations

from typing import Any

import numpy as np

# Edges of the bars, in pixels of the shorter side.
EDGES = (0, 16, 32, 48, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096)


def describe_sizes(
    picture_sizes: np.ndarray, image_size: int
) -> dict[str, Any]:
    """Describes the sizes of pictures.

    Args:
        picture_sizes: Integer array `(pictures, 2)` of widths and heights.
        image_size: Size in pixels that a network will get.

    Returns:
        Dictionary of `smallest`, `median` and `largest`, each the width
        and height of a picture, ordered by area; `below`, the number of
        pictures with a shorter side under `image_size`; and `histogram` of the
        shorter sides, a list of dictionaries of `from`, `to` (`None` for the
        last) and `pictures`, without empty bars at both ends.

    Example:

    >>> sizes = describe_sizes(np.array([[20, 30], [640, 480]]), 64)
    >>> sizes["smallest"], sizes["below"], sizes["histogram"][0]["from"]
    ([20, 30], 1, 16)
    """
    shorter = np.min(picture_sizes, axis=1)
    order = np.argsort(
        np.prod(picture_sizes, axis=1, dtype=np.int64), kind="stable"
    )
    at = {"smallest": 0, "median": (len(order) - 1) // 2, "largest": -1}
    counts, _ = np.histogram(shorter, [*EDGES, np.inf])
    filled = np.flatnonzero(counts)
    bars = range(filled[0], filled[-1] + 1)
    ends = (*EDGES[1:], None)
    return {
        **{
            name: picture_sizes[order[place]].tolist()
            for name, place in at.items()
        },
        "below": int(np.sum(shorter < image_size)),
        "histogram": [
            {"from": EDGES[i], "to": ends[i], "pictures": int(counts[i])}
            for i in bars
        ],
    }
