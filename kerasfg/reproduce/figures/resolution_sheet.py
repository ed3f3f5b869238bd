"""Draws the same pictures at several resolutions."""

import numpy as np
from PIL import Image

from kerasfg.evaluation.plots.figures import drawable
from kerasfg.evaluation.plots.figures import label_style
from kerasfg.evaluation.plots.figures import new_figure
from kerasfg.evaluation.plots.figures import save_figure

PICTURES = 4
_CELL = 0.83  # inches
_ENLARGED = 224


def plot_resolution_sheet(pixels, filepath, seed=0):
    """Draws a few pictures at each resolution.

    Each resolution has a line with the pixels. Resolutions below 224 have a
    second line with the pictures enlarged to 224 pixels by bicubic resizing.

    Args:
        pixels: Dictionary from the name of each resolution to a
            `kerasfg.data.PixelCache` of the same pictures.
        filepath: Path of the picture.
        seed: Seed of the choice of classes and pictures. Defaults to `0`.

    Raises:
        ValueError: If the pictures are not the same.

    Reference:

    - Enhancing Fine-Grained Classification for Low Resolution Images (Singh et
      al.), Fig. 1 and 5
    """
    first = next(iter(pixels.values()))
    for name, other in pixels.items():
        if other.names != first.names:
            raise ValueError(
                "Each resolution must have the same pictures. "
                f"Received: different pictures at {name!r}"
            )
    shown = _one_of_each(first.labels, seed)
    lines = []
    for name, cache in pixels.items():
        lines.append((drawable(name), cache, np.asarray))
        if cache.images.shape[1] < _ENLARGED:
            lines.append(("bicubic", cache, _enlarge))
    size = len(lines), len(shown)
    figure = new_figure(_CELL * size[1] + 0.8, _CELL * size[0])
    panels = figure.subplots(*size, squeeze=False)
    for line, (label, cache, convert) in zip(panels, lines, strict=True):
        line[0].set_ylabel(label, **label_style())
        for axes, picture in zip(line, shown, strict=True):
            axes.imshow(convert(cache.images[picture]), interpolation="nearest")
    for axes, picture in zip(panels[0], shown, strict=True):
        class_name = first.class_names[first.labels[picture]]
        axes.set_title(drawable(class_name, 20), fontsize=6, **label_style())
    for axes in panels.flat:
        axes.set_xticks([])
        axes.set_yticks([])
    save_figure(figure, filepath)


def _one_of_each(labels, seed):
    """Returns the index of a random picture of each of some classes."""
    random = np.random.default_rng(seed)
    classes = random.permutation(np.unique(labels))[:PICTURES]
    return [random.choice(np.flatnonzero(labels == c)) for c in sorted(classes)]


def _enlarge(pixels):
    size = (_ENLARGED, _ENLARGED)
    picture = Image.fromarray(np.asarray(pixels))
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC))
