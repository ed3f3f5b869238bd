"""Reads a resolution curve at any number of pixels."""

import numpy as np


def ordered(curve, image_size):
    """Returns the rows of a resolution curve, the lowest resolution first.

    Args:
        curve: List of dicts with `resolution`, `top_1` and `top_1_interval`.
        image_size: Side of the model's input; one of them is at most that.

    Raises:
        ValueError: If there is none, or it lacks a value.
    """
    try:
        rows = sorted(curve, key=lambda row: row["resolution"])
        shares = [(r["top_1"], *r["top_1_interval"]) for r in rows]
        good = bool(rows) and all(
            0 <= share <= 1 for row in shares for share in row
        )
        good = good and 0 < rows[0]["resolution"] <= image_size
    except (KeyError, TypeError):
        good = False
    if not good:
        raise ValueError(
            "Argument `curve` must be the result of `resolution_curve`: dicts "
            "with `resolution`, `top_1` and `top_1_interval`, one of them at "
            f"most at the {image_size} pixels of the model's input. "
            f"Received: curve={curve}"
        )
    return rows


def accuracy_at(curve, image_size, pixels):
    """Interpolates the accuracy and its interval at a number of pixels.

    Args:
        curve: Result of `ordered`.
        image_size: Side of the model's input. More pixels than that, or than
            the curve has, count as those.
        pixels: Pixels of the subject.

    Returns:
        Accuracy and `[low, high]`; `(None, None)` below the curve.

    Example:

    >>> curve = [
    ...     {"resolution": 8, "top_1": 0.5, "top_1_interval": [0.4, 0.6]},
    ...     {"resolution": 32, "top_1": 0.9, "top_1_interval": [0.8, 1.0]},
    ... ]
    >>> value, interval = accuracy_at(curve, 32, 16)
    >>> round(value, 2), np.round(interval, 2).tolist()
    (0.7, [0.6, 0.8])
    """
    sizes = [row["resolution"] for row in curve]
    pixels = min(pixels, image_size)
    if pixels < sizes[0] * (1 - 1e-9):
        return None, None
    at, logs = np.log(pixels), np.log(sizes)
    value, low, high = (
        float(np.interp(at, logs, values))
        for values in (
            [row["top_1"] for row in curve],
            [row["top_1_interval"][0] for row in curve],
            [row["top_1_interval"][1] for row in curve],
        )
    )
    return value, [low, high]


def fewest_pixels(curve, image_size, right):
    """Finds the fewest pixels down to which the accuracy stays high enough.

    Args:
        curve: Result of `ordered`.
        image_size: Side of the model's input.
        right: The accuracy.

    Returns:
        Pixels, and whether the accuracy falls below `right` there (otherwise
        the curve ends); `(None, True)` if it is not reached at `image_size`.

    Example:

    >>> curve = [
    ...     {"resolution": 8, "top_1": 0.5, "top_1_interval": [0.4, 0.6]},
    ...     {"resolution": 32, "top_1": 0.9, "top_1_interval": [0.8, 1.0]},
    ... ]
    >>> pixels, is_limit = fewest_pixels(curve, 32, 0.7)
    >>> round(pixels, 6), is_limit
    (16.0, True)
    """
    best, _ = accuracy_at(curve, image_size, image_size)
    if best < right:
        return None, True
    upper, value = float(image_size), best
    below = [row for row in curve if row["resolution"] < image_size]
    for row in reversed(below):
        if row["top_1"] < right:
            share = (value - right) / (value - row["top_1"])
            logs = np.log(upper) + share * np.log(row["resolution"] / upper)
            return float(np.exp(logs)), True
        upper, value = float(row["resolution"]), row["top_1"]
    return upper, False
