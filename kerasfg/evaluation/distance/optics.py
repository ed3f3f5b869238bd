"""How many pixels a camera puts on a subject."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_FILM_DIAGONAL = math.hypot(36, 24)  # of 35 mm film, in millimetres


def pixels_on_subject(
    distance: Any,
    object_size: float,
    fov: float,
    sensor_pixels: float,
    zoom: float = 1.0,
) -> Any:
    """Computes how many pixels of a photo a subject has from side to side.

    `sensor_pixels * zoom * object_size / (2 * distance * tan(fov / 2))`: the
    pinhole camera, for a subject in the middle of the picture.

    Args:
        distance: Distance of the subject in metres, a number or an array.
        object_size: Width of the subject in metres.
        fov: Field of view of the camera in degrees, 1 to 170, from one side of
            the picture to the other.
        sensor_pixels: Pixels of the picture along that side.
        zoom: Factor of an optical zoom or tele lens, at least 1. A digital
            zoom adds no pixels: leave it at 1. Defaults to `1.0`.

    Returns:
        A float, or a float64 array like `distance`.

    Raises:
        ValueError: If a number is not finite or out of its range.

    Example:

    >>> pixels = pixels_on_subject(5, 0.12, fov=66, sensor_pixels=4000)
    >>> round(pixels)
    74
    """
    check_camera(object_size, fov, sensor_pixels, zoom)
    distances = np.asarray(distance, "float64")
    if not (np.isfinite(distances) & (distances > 0)).all():
        raise ValueError(
            "Argument `distance` must be a number of metres above 0. "
            f"Received: distance={distance}"
        )
    width = 2 * distances * math.tan(math.radians(fov) / 2)
    pixels = sensor_pixels * zoom * object_size / width
    return float(pixels) if pixels.ndim == 0 else pixels


def distance_of(
    pixels: float,
    object_size: float,
    fov: float,
    sensor_pixels: float,
    zoom: float = 1.0,
) -> float:
    """Computes where a subject has a number of pixels.

    Args:
        pixels: Pixels of the subject from side to side, above 0.
        object_size: As of `pixels_on_subject`.
        fov: As of `pixels_on_subject`.
        sensor_pixels: As of `pixels_on_subject`.
        zoom: As of `pixels_on_subject`. Defaults to `1.0`.

    Returns:
        The distance in metres.

    Raises:
        ValueError: As `pixels_on_subject`.

    Example:

    >>> round(distance_of(74, object_size=0.12, fov=66, sensor_pixels=4000), 1)
    5.0
    """
    _check("pixels", pixels, 0, 1e9, "pixels")
    # Pixels and distance are inverse to each other.
    return pixels_on_subject(pixels, object_size, fov, sensor_pixels, zoom)


def check_camera(object_size, fov, sensor_pixels, zoom=1.0):
    """Raises `ValueError` if a number is out of its range."""
    _check("object_size", object_size, 0, 1000, "metres")
    _check("fov", fov, 1, 170, "degrees", inclusive=True)
    _check("sensor_pixels", sensor_pixels, 16, 100_000, "pixels", True)
    _check("zoom", zoom, 1, 100, "times", True)


def field_of_view(focal_length: float, width: int, height: int) -> float:
    """Computes the field of view from the focal length in the EXIF data.

    Of a camera whose picture is not 3 : 2 the equivalent on 35 mm film has the
    same diagonal (CIPA DCG-001).

    Args:
        focal_length: 35 mm equivalent focal length in millimetres.
        width: Width of the picture in pixels.
        height: Height of the picture in pixels.

    Returns:
        Angle in degrees along the longer side.

    Raises:
        ValueError: If the focal length is not from 1 to 10000.

    Example:

    >>> round(field_of_view(26, 4032, 3024), 1)  # the main camera of a phone
    67.3
    """
    _check("focal_length", focal_length, 1, 10_000, "millimetres", True)
    longer = _FILM_DIAGONAL * max(width, height) / math.hypot(width, height)
    return math.degrees(2 * math.atan(longer / 2 / focal_length))


def _check(name, value, low, high, unit, inclusive=False):
    try:
        good = low <= value <= high if inclusive else low < value <= high
    except TypeError:
        good = False
    if not good or isinstance(value, bool):
        start = f"from {low} to" if inclusive else f"above {low} and at most"
        raise ValueError(
            f"Argument `{name}` must be a number {start} {high} {unit}. "
            f"Received: {name}={value}"
        )
