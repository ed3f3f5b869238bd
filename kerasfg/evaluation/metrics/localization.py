"""How well attention finds the thing in the picture."""

import numpy as np

from kerasfg.evaluation.how_sure.intervals import wilson_interval


def localization(masks, objects):
    """Compares attention masks with the known places of the objects.

    A position of a mask covers its cell of the picture, evenly.

    Args:
        masks: Float array of shape `(n, map_height, map_width)`.
        objects: Bool array of shape `(n, height, width)`.

    Returns:
        Dict that is strict JSON, each share a mean over the pictures:

        - `n`;
        - `mass`: share of the mask above its minimum that is on the object,
          and `area`: share of the picture that the object covers, which is
          what an even mask gets;
        - `mass_of_mean`: what the mean of all masks gets, the same one for
          every picture: a fixed place, independent of the picture;
        - `pointing`: how often the middle of the highest cell is on the object
          (the pointing game), and its `pointing_interval` (Wilson, 95 %);
        - `pointing_chance`: how often the middle of any cell is, and
          `pointing_center`: how often the middle of the picture is.

    Raises:
        ValueError: If the arguments do not fit together.

    Example:

    >>> thing = np.zeros((1, 4, 4), bool)
    >>> thing[0, :2, :2] = True
    >>> result = localization(np.array([[[0.9, 0.6], [0.6, 0.5]]]), thing)
    >>> round(result["mass"], 3), result["area"], result["pointing"]
    (0.667, 0.25, 1.0)

    Reference:

    - [Zhang et al., 2016](https://arxiv.org/abs/1608.00507), section 4.2
    """
    masks, objects = _check(masks, objects)
    n, *cells = masks.shape
    height, width = objects.shape[1:]
    rows, columns = (
        (np.arange(cells[axis]) + 0.5) * side / cells[axis]
        for axis, side in enumerate((height, width))
    )
    middles = objects[:, rows.astype(int)][:, :, columns.astype(int)]
    highest = masks.reshape(n, -1).argmax(axis=1)
    hits = middles.reshape(n, -1)[np.arange(n), highest]
    mean = masks.mean(axis=0, keepdims=True)
    return {
        "n": n,
        "mass": float(_mass(masks, objects).mean()),
        "area": float(objects.mean()),
        "mass_of_mean": float(_mass(mean, objects).mean()),
        "pointing": float(hits.mean()),
        "pointing_interval": list(wilson_interval(int(hits.sum()), n)),
        "pointing_chance": float(middles.mean()),
        "pointing_center": float(objects[:, height // 2, width // 2].mean()),
    }


def _mass(masks, objects):
    """Share of each mask on its object; for an even mask, that of the area."""
    height, width = objects.shape[1:]
    rows = np.arange(height) * masks.shape[1] // height
    columns = np.arange(width) * masks.shape[2] // width
    above = masks - masks.min(axis=(1, 2), keepdims=True)
    above[above.max(axis=(1, 2)) == 0] = 1
    large = above[:, rows][:, :, columns]
    return (large * objects).sum(axis=(1, 2)) / large.sum(axis=(1, 2))


def _check(masks, objects):
    masks, objects = np.asarray(masks, "float64"), np.asarray(objects)
    if (
        masks.ndim != 3
        or objects.ndim != 3
        or len(masks) != len(objects)
        or 0 in masks.shape
        or objects.dtype != bool
        or (np.array(objects.shape[1:]) < masks.shape[1:]).any()
    ):
        raise ValueError(
            "Arguments `masks` and `objects` must be of the shapes "
            "`(n, map_height, map_width)` and `(n, height, width)`, the second "
            "bool and not smaller than the first. Received: masks.shape="
            f"{masks.shape}, objects.shape={objects.shape}, objects.dtype="
            f"{objects.dtype}"
        )
    return masks, objects
