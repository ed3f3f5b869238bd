"""Counts the pictures of each class, and finds what will stop a training."""

from __future__ import annotations

from typing import Any

import numpy as np

# From this ratio of the largest class to the smallest on, there is a warning.
UNEQUAL = 10
FEWEST = 3  # pictures of a class that a split can be drawn from


def count_classes(source, pixels) -> dict[str, Any]:
    """Counts the pictures of each class.

    Args:
        source: `kerasfg.data.Source`.
        pixels: `kerasfg.data.PixelCache` of its pictures that can be decoded.

    Returns:
        Dictionary of `counts` (from the name of a class to the number of its
        pictures that can be decoded), `largest`, `smallest` (names), `ratio`
        (of their counts; `None` if the smallest has no picture) and `warnings`,
        a list of sentences.

    Example:

    >>> from kerasfg.data import field_guide
    >>> from kerasfg.inspection.pixels import prepare_all
    >>> birds = field_guide(images_per_class=3)
    >>> count_classes(birds, prepare_all(birds, 16))["ratio"]
    1.0
    """
    names = source.class_names
    counts = np.bincount(pixels.labels, minlength=len(names)).tolist()
    large, small = int(np.argmax(counts)), int(np.argmin(counts))
    ratio = counts[large] / counts[small] if counts[small] else None
    return {
        "counts": dict(zip(names, counts, strict=True)),
        "largest": names[large],
        "smallest": names[small],
        "ratio": ratio,
        "warnings": [*_empty(names, counts, source), *_unequal(ratio)],
    }


def _empty(names, counts, source):
    drawn = source.splits is None or not np.any(source.splits != "")
    for name, count in zip(names, counts, strict=True):
        if not count:
            yield (
                f"No picture of {name!r} can be read: a training refuses that. "
                "Mend the files or move the folder away."
            )
        elif drawn and count < FEWEST:
            yield (
                f"{name!r} has {count} readable picture"
                f"{'s' if count > 1 else ''}: a training needs at least "
                f"{FEWEST} of each class."
            )


def _unequal(ratio):
    if ratio is not None and ratio >= UNEQUAL:
        yield (
            f"The largest class has {ratio:.0f} times the pictures of the "
            "smallest: a training favours it."
        )
