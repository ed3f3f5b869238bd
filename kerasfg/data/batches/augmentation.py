"""Augmentation of low-resolution pictures, determined by a seed."""

import keras


class Augmentation:
    """Mirrors, shifts, scales and recolours a batch of pictures.

    It applies Keras's preprocessing layers. Those keep the state of their
    random numbers in a variable. Here each call takes a seed instead, so that
    a training step has the same augmentation whenever it is run. The layers
    run in TensorFlow with every Keras backend.

    Args:
        flip: Whether half of the pictures are mirrored left to right.
        shift: Largest shift as a share of height and width, in whole pixels
            (a shift by parts of a pixel would blur the picture).
        scale: Largest change of size as a share.
        color: Largest change of brightness and contrast, and largest loss of
            saturation, as a share.

    Call arguments:
        images: float32 `(batch, height, width, 3)`, 0 to 255.
        seed: int32 of shape `(2,)`.
        batch_size: Pictures in the whole batch, if `images` are a part of it.
            A picture's augmentation does not depend on how the batch is
            divided. Defaults to `None`: `images` are the whole batch.
        first: Index of `images[0]` in the whole batch. Defaults to `0`.

    Returns:
        Images of the same shape and range.

    Example:

    >>> images = keras.ops.ones((2, 32, 32, 3)) * 99
    >>> seed = keras.ops.array([1, 2])
    >>> tuple(Augmentation()(images, seed).shape)
    (2, 32, 32, 3)
    """

    def __init__(self, flip=True, shift=0.1, scale=0.15, color=0.2):
        layers = keras.layers
        pixels = {"value_range": (0, 255)}
        self.layers = []
        if flip:
            self.layers.append(layers.RandomFlip("horizontal"))
        if shift:
            self.layers.append(
                layers.RandomTranslation(
                    shift, shift, fill_mode="reflect", interpolation="nearest"
                )
            )
        if scale:
            self.layers.append(
                layers.RandomZoom((-scale, scale), fill_mode="reflect")
            )
        if color:
            self.layers += [
                layers.RandomBrightness(color, **pixels),
                layers.RandomContrast(color, **pixels),
                layers.RandomColorDegeneration(color, **pixels),
            ]
        for layer in self.layers:
            layer.backend.set_backend("tensorflow")

    def __call__(self, images, seed, batch_size=None, first=0):
        seeds = _Seeds(seed)
        for layer in self.layers:
            transformation = _transformation(
                layer, images, seeds, batch_size, first
            )
            images = layer.transform_images(
                images, transformation, training=True
            )
        return images


def _transformation(layer, images, seeds, batch_size, first):
    """Draws a transformation of the whole batch and returns this part of it."""
    if batch_size is None:
        return layer.get_random_transformation(images, True, seeds)
    # The layer reads only the shape of this batch.
    batch = layer.backend.numpy.zeros((batch_size, *images.shape[1:]))
    drawn = layer.get_random_transformation(batch, True, seeds)
    own = slice(first, first + images.shape[0])
    return {
        name: value if name == "input_shape" else value[own]
        for name, value in drawn.items()
    }


class _Seeds(keras.random.SeedGenerator):
    """Counts seeds up from a given one, without a variable."""

    def __init__(self, seed):
        self.seed = seed
        self.drawn = 0

    def next(self, ordered=True):
        self.drawn += 1
        return self.seed + [0, self.drawn]
