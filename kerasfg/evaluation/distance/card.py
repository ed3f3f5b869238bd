"""The distance card: how often the name is right at each distance."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasfg.evaluation.distance.optics import check_camera
from kerasfg.evaluation.distance.optics import distance_of
from kerasfg.evaluation.distance.optics import pixels_on_subject
from kerasfg.evaluation.distance.reach import accuracy_at
from kerasfg.evaluation.distance.reach import fewest_pixels
from kerasfg.evaluation.distance.reach import ordered

MOST_ROWS = 100
_STEPS = (1, 1.5, 2, 3, 5, 7)


def distance_card(
    curve: Sequence[Mapping[str, Any]],
    image_size: int,
    object_size: float,
    fov: float,
    sensor_pixels: float,
    right: float = 0.8,
    zoom: float = 3.0,
    distances: Sequence[float] = (),
) -> dict[str, Any]:
    """Computes how often a classifier is right at each distance.

    Between the resolutions of the curve the accuracy is interpolated over the
    logarithm of the pixels; above the model's own input it stays constant,
    since more pixels are shrunk to these. Below the lowest resolution of the
    curve it is not known.

    Args:
        curve: Result of `kerasfg.evaluation.resolution_curve`, or dicts with
            its `resolution`, `top_1` and `top_1_interval`.
        image_size: Side of the model's input in pixels.
        object_size: Width in metres of what fills the model's square picture.
        fov: As of `pixels_on_subject`.
        sensor_pixels: As of `pixels_on_subject`.
        right: Share of right answers that is wanted, above 0 and below 1.
            Defaults to `0.8`.
        zoom: Factor of an optical zoom, to compare with none. Defaults to
            `3.0`.
        distances: Distances in metres, at most 100. Defaults to `()`: round
            ones, from where the model's input is filled to where the curve
            ends.

    Returns:
        Dict that is strict JSON: the arguments (of `curve` what is needed, the
        lowest resolution first); `rows`, a list of dicts of
        `distance`, `pixels`, `top_1` and `top_1_interval` (`None` where not
        known), `zoomed_pixels`, `zoomed_top_1` and `zoomed_top_1_interval`;
        `reach` and `zoomed_reach`, each a dict of `pixels` and `distance`, the
        farthest with `right`, and `is_limit`, whether it falls below `right`
        beyond it, or `None` if it is nowhere so often right; `sentence`.

    Raises:
        ValueError: If a number is out of its range, or the curve is none.

    Example:

    >>> curve = [
    ...     {"resolution": 8, "top_1": 0.5, "top_1_interval": [0.4, 0.6]},
    ...     {"resolution": 32, "top_1": 0.9, "top_1_interval": [0.8, 1.0]},
    ... ]
    >>> card = distance_card(curve, 32, 0.12, fov=66, sensor_pixels=4000)
    >>> card["sentence"]
    'right 80 % of the time up to 16 m, with 3 x zoom up to 49 m'
    """
    check_camera(object_size, fov, sensor_pixels, zoom)
    _check_share(right)
    curve = ordered(curve, image_size)
    camera = (object_size, fov, sensor_pixels)
    chosen = _check_distances(distances)
    if not chosen:
        nearest = distance_of(image_size, *camera)
        farthest = distance_of(curve[0]["resolution"], *camera, zoom)
        chosen = round_distances(nearest, farthest)
    rows = [_row(curve, image_size, one, camera, zoom) for one in chosen]
    reach = _reach(curve, image_size, right, camera, 1.0)
    zoomed = _reach(curve, image_size, right, camera, zoom)
    return {
        "object_size": float(object_size),
        "fov": float(fov),
        "sensor_pixels": float(sensor_pixels),
        "image_size": int(image_size),
        "right": float(right),
        "zoom": float(zoom),
        "curve": [
            {
                "resolution": row["resolution"],
                "top_1": row["top_1"],
                "top_1_interval": list(row["top_1_interval"]),
            }
            for row in curve
        ],
        "rows": rows,
        "reach": reach,
        "zoomed_reach": zoomed,
        "sentence": _sentence(curve, image_size, right, zoom, reach, zoomed),
    }


def round_distances(nearest, farthest):
    """Returns round distances, the first at most `nearest`, to `farthest`.

    Example:

    >>> round_distances(4.1, 18)
    [3.0, 5.0, 7.0, 10.0, 15.0]
    """
    low = int(np.floor(np.log10(nearest))) - 1
    high = int(np.ceil(np.log10(farthest))) + 1
    all_of_them = [
        float(f"{step * 10.0**power:.6g}")
        for power in range(low, high + 1)
        for step in _STEPS
    ]
    first = max(i for i, d in enumerate(all_of_them) if d <= nearest)
    last = max(i for i, d in enumerate(all_of_them) if d <= farthest)
    return all_of_them[first : last + 1]


def metres(distance):
    """Formats a distance.

    Example:

    >>> metres(13.6), metres(0.254), metres(3.04), metres(1240)
    ('14 m', '0.25 m', '3.0 m', '1240 m')
    """
    digits = 0 if distance >= 9.95 else 1 if distance >= 0.995 else 2
    return f"{distance:.{digits}f} m"


def _row(curve, image_size, distance, camera, zoom):
    pixels = pixels_on_subject(distance, *camera)
    zoomed = pixels_on_subject(distance, *camera, zoom)
    value, interval = accuracy_at(curve, image_size, pixels)
    with_zoom, zoomed_interval = accuracy_at(curve, image_size, zoomed)
    return {
        "distance": float(distance),
        "pixels": pixels,
        "top_1": value,
        "top_1_interval": interval,
        "zoomed_pixels": zoomed,
        "zoomed_top_1": with_zoom,
        "zoomed_top_1_interval": zoomed_interval,
    }


def _reach(curve, image_size, right, camera, zoom):
    pixels, is_limit = fewest_pixels(curve, image_size, right)
    if pixels is None:
        return None
    distance = distance_of(pixels, *camera, zoom)
    return {"pixels": pixels, "distance": distance, "is_limit": is_limit}


def _sentence(curve, image_size, right, zoom, reach, zoomed):
    share = f"{100 * right:g} %"
    if reach is None:
        best, _ = accuracy_at(curve, image_size, image_size)
        return (
            f"at no distance right {share} of the time: {100 * best:.0f} % "
            f"where the subject has {image_size} pixels or more"
        )
    far = "" if reach["is_limit"] else "at least "
    text = f"right {share} of the time up to {far}{metres(reach['distance'])}"
    if zoom > 1:
        farther = metres(zoomed["distance"])
        text += f", with {zoom:g} x zoom up to {far}{farther}"
    return text


def _check_share(right):
    try:
        good = 0 < right < 1
    except TypeError:
        good = False
    if not good:
        raise ValueError(
            "Argument `right` must be a share above 0 and below 1, such as "
            f"0.8. Received: right={right}"
        )


def _check_distances(distances):
    good = len(distances) <= MOST_ROWS and all(
        isinstance(one, (int, float)) and 0 < one < np.inf for one in distances
    )
    if not good:
        raise ValueError(
            f"Argument `distances` must be at most {MOST_ROWS} numbers of "
            f"metres above 0. Received: distances={list(distances)}"
        )
    return sorted({float(one) for one in distances})
