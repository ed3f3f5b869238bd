"""Augmentation of low-resolution pictures, determined by a seed."""

import contextlib

import keras
import numpy as np
from keras import ops

# The values that `Augmentation.draw` draws for each picture, in order.
PARAMETERS = (
    "mirrored",
    "down",
    "right",
    "zoom",
    "brightness",
    "contrast",
    "grayness",
)
# Weights of red, green and blue in a gray picture (ITU-R BT.601).
LUMINANCE = (0.2989, 0.587, 0.114)


class Augmentation:
    """Mirrors, shifts, scales and recolours a batch of pictures.

    Each picture is mirrored, shifted, scaled, and then changed in brightness,
    contrast and saturation, each by an amount of its own. NumPy draws these
    amounts from a seed (`draw`), so that they are the same on every backend of
    Keras, and `keras.ops` apply them (`apply`), so that this can be part of a
    compiled training step.

    Args:
        flip: Whether half of the pictures are mirrored left to right.
            Defaults to `True`.
        shift: Largest shift as a share of height and width, in whole pixels
            (a shift by parts of a pixel would blur the picture). Defaults to
            `0.1`.
        scale: Largest change of size as a share. Defaults to `0.15`.
        color: Largest change of brightness, gain of contrast and loss of
            saturation, as a share. Defaults to `0.2`.

    Call arguments:
        images: `(batch, height, width, 3)`, 0 to 255, uint8 or float32.
        seed: Integers of shape `(2,)`, not negative.
        batch_size: Pictures in the whole batch, if `images` are a part of it.
            A picture's augmentation does not depend on how the batch is
            divided. Defaults to `None`: `images` are the whole batch.
        first: Index of `images[0]` in the whole batch. Defaults to `0`.

    Returns:
        float32 images of the same shape and range.

    Example:

    >>> images = keras.ops.ones((2, 32, 32, 3)) * 99
    >>> tuple(Augmentation()(images, seed=(1, 2)).shape)
    (2, 32, 32, 3)
    """

    def __init__(self, flip=True, shift=0.1, scale=0.15, color=0.2):
        self.flip = flip
        self.shift = shift
        self.scale = scale
        self.color = color

    def __call__(self, images, seed, batch_size=None, first=0):
        count, height, width = images.shape[:3]
        drawn = self.draw(seed, batch_size or count, height, width)
        return self.apply(images, drawn[first : first + count])

    def draw(self, seed, batch_size, height, width):
        """Draws what happens to each picture of a batch.

        Args:
            seed: Integers of shape `(2,)`, not negative.
            batch_size: Pictures in the whole batch.
            height: Height of the pictures in pixels.
            width: Width of the pictures in pixels.

        Returns:
            float32 NumPy array `(batch_size, 7)`, whose columns are
            `PARAMETERS`: whether it is mirrored (0 or 1), pixels down and to
            the right, size of the shown part as a share of the picture, summand
            of the levels, factor of the contrast, and share of gray.
        """
        # The seed itself draws the crops.
        random = np.random.default_rng([*np.asarray(seed), 1])
        drawn = random.uniform(size=(batch_size, len(PARAMETERS)))
        either = 2 * drawn - 1  # from -1 to 1
        columns = [
            self.flip * (drawn[:, 0] < 0.5),
            np.rint(self.shift * height * either[:, 1]),
            np.rint(self.shift * width * either[:, 2]),
            1 + self.scale * either[:, 3],
            255 * self.color * either[:, 4],
            1 + self.color * drawn[:, 5],  # a gain, as in Keras's layer
            self.color * drawn[:, 6],
        ]
        return np.stack(columns, axis=1).astype("float32")

    def apply(self, images, parameters):
        """Changes pictures as drawn.

        Args:
            images: `(batch, height, width, 3)`, 0 to 255, uint8 or float32.
            parameters: float32 `(batch, 7)`; see `draw`.

        Returns:
            float32 images of the same shape and range.
        """
        images = ops.cast(images, "float32")
        of = dict(
            zip(PARAMETERS, ops.split(parameters, 7, axis=1), strict=True)
        )
        if self.flip or self.shift or self.scale:
            images = _moved(images, of)
        if self.color:
            images = _recoloured(images, of)
        return images


# === Position and size ===


def _moved(images, of):
    """Mirrors, then shifts, then scales about the middle."""
    _, height, width, _ = images.shape
    rows = _sampling(height, of["zoom"], of["down"])
    columns = _sampling(width, of["zoom"], of["right"], of["mirrored"])
    with _exact_products():
        return _along_height(columns, _along_height(rows, images))


def _along_height(matrices, images):
    """Samples the rows of pictures; returns them with both sides exchanged."""
    _, height, width, channels = images.shape
    flat = ops.reshape(images, (-1, height, width * channels))
    flat = ops.matmul(matrices, flat)
    images = ops.reshape(flat, (-1, height, width, channels))
    return ops.transpose(images, (0, 2, 1, 3))


def _sampling(size, zoom, shift, mirrored=0.0):
    """Returns the weights `(batch, size, size)` of the pixels of a side.

    A pixel of the result is between two of the picture, whose values are
    interpolated linearly. Outside, the picture is continued by its mirror
    image.
    """
    middle = (size - 1) / 2
    place = middle + zoom * (ops.arange(size, dtype="float32") - middle)
    before = ops.floor(place)
    pixels = ops.arange(size, dtype="float32")
    weights = 0.0
    for neighbour, share in (
        (before, 1 - (place - before)),
        (before + 1, place - before),
    ):
        source = _reflected(_reflected(neighbour, size) - shift, size)
        source = source + mirrored * (size - 1 - 2 * source)
        hit = ops.cast(source[..., None] == pixels, "float32")
        weights = weights + share[..., None] * hit
    return weights


def _reflected(index, size):
    """Returns the index of the same pixel inside (d c b a | a b c d | d c)."""
    index = ops.mod(index, 2.0 * size)
    return ops.minimum(index, 2 * size - 1 - index)


def _exact_products():
    """In a `with` block JAX multiplies matrices in full float32 on a GPU."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.default_matmul_precision("highest")
    return contextlib.nullcontext()


# === Colour ===


def _recoloured(images, of):
    brightness, contrast, grayness = (
        ops.reshape(of[name], (-1, 1, 1, 1))
        for name in ("brightness", "contrast", "grayness")
    )
    images = ops.clip(images + brightness, 0, 255)
    mean = ops.mean(images, axis=(1, 2), keepdims=True)
    images = ops.clip((images - mean) * contrast + mean, 0, 255)
    gray = ops.sum(images * np.float32(LUMINANCE), axis=-1, keepdims=True)
    return ops.clip(images + grayness * (gray - images), 0, 255)
