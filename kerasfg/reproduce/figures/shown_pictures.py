"""A few pictures of a data set, shrunk to several sizes."""

import numpy as np
from PIL import Image

from kerasfg.data.pixels.low_resolution import shrink

CLASSES = 4
ENLARGED = 224


class ShownPictures:
    """Decodes only the pictures that are shown.

    Args:
        source: A `kerasfg.data.Source`.
        sizes: Pixels of each side, for a line or column each.
        crop: `"center"` or `"whole"`, see `kerasfg.data.shrink`. Defaults to
            `"center"`.
        seed: Seed of the choice of classes and pictures. Defaults to `0`.
    """

    def __init__(self, source, sizes, crop="center", seed=0):
        self.source = source
        self.sizes = sizes
        self.crop = crop
        self.random = np.random.default_rng(seed)

    def one_of_each(self, classes=CLASSES):
        """Returns a picture of each of some classes, see `one_of`."""
        names = self.source.class_names
        chosen = sorted(self.random.permutation(len(names))[:classes])
        return [self.one_of(names[index]) for index in chosen]

    def one_of(self, class_name):
        """Returns a random picture of a class that can be decoded.

        Args:
            class_name: Name of the class.

        Returns:
            Pair of the name and a dictionary from sizes to uint8 arrays of
            shape `(size, size, 3)`.

        Raises:
            ValueError: If no picture of the class can be decoded.
        """
        label = self.source.class_names.index(class_name)
        own = np.flatnonzero(np.asarray(self.source.labels) == label)
        for index in self.random.permutation(own):
            try:
                picture = self.source.read(int(index))
            except (OSError, ValueError):
                continue
            return class_name, {
                size: shrink(picture, size, self.crop) for size in self.sizes
            }
        raise ValueError(
            "A class must have a picture that can be decoded. "
            f"Received: class_name={class_name!r}"
        )


def enlarge(pixels):
    """Enlarges a picture to 224 pixels by bicubic interpolation."""
    picture = Image.fromarray(np.asarray(pixels))
    size = (ENLARGED, ENLARGED)
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC))
