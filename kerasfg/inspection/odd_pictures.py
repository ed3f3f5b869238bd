"""Pictures that can be read, but are hardly photographs of a subject."""

from __future__ import annotations

import numpy as np

SMALL = 32  # pixels of the shorter side
LONG = 4.0  # longer over shorter side
FLAT = 4.0  # standard deviation of the brightness, of 255
DARK, BRIGHT = 12, 243  # mean brightness, of 255
GREY = 6  # largest difference of the channels of nearly all pixels
FEW_COLORS = 24  # of the 4,096 that 4 bits a channel make
_CHUNK = 256


def find_odd_pictures(pixels) -> dict[int, list[str]]:
    """Finds very small, long, blank, dark, grey or drawn pictures.

    Small, long and grey pictures and drawings are odd only if most pictures are
    not like that.

    Args:
        pixels: `kerasfg.data.PixelCache`.

    Returns:
        Dictionary from the index of a picture to a list of what is odd.
    """
    found: dict[int, list[str]] = {}
    small, long = _by_size(pixels.picture_sizes)
    blank, dark, bright, grey, few = _by_pixels(pixels.images)
    looks = blank | dark | bright
    for name, odd in (
        ("very small", _rare(small)),
        ("very long or tall", _rare(long)),
        ("blank", blank),
        ("nearly black", dark & ~blank),
        ("nearly white", bright & ~blank),
        ("grey", _rare(grey & ~looks)),
        ("very few colours", _rare(few & ~looks & ~grey)),
    ):
        for index in np.flatnonzero(odd):
            found.setdefault(int(index), []).append(name)
    return dict(sorted(found.items()))


def _by_size(sizes):
    shorter, longer = np.min(sizes, axis=1), np.max(sizes, axis=1)
    return shorter < SMALL, longer >= LONG * shorter


def _by_pixels(images):
    rows = [
        np.array([_look(image) for image in images[start : start + _CHUNK]])
        for start in range(0, len(images), _CHUNK)
    ]
    return np.concatenate(rows).T


def _look(image):
    # Every second pixel in both directions is enough.
    image = np.asarray(image[::2, ::2], np.int16)
    brightness = image.mean(axis=2)
    spread = np.ptp(image, axis=2)
    coarse = image >> 4
    codes = (coarse[..., 0] << 8) | (coarse[..., 1] << 4) | coarse[..., 2]
    mean = brightness.mean()
    return (
        brightness.std() < FLAT and spread.std() < FLAT,
        mean < DARK,
        mean > BRIGHT,
        np.quantile(spread, 0.99) <= GREY,
        len(np.unique(codes)) < FEW_COLORS,
    )


def _rare(odd):
    return odd & (odd.mean() < 0.5)
