"""Oxford Flowers 17: 17 flowers of 80 pictures each."""

import numpy as np

from kerasfg.data.sources.published.archive import Archive
from kerasfg.data.sources.published.listed import listed_source
from kerasfg.data.sources.published.mat_file import read_mat

CLASS_NAMES = (
    "daffodil",
    "snowdrop",
    "lily_valley",
    "bluebell",
    "crocus",
    "iris",
    "tigerlily",
    "tulip",
    "fritillary",
    "sunflower",
    "daisy",
    "colts_foot",
    "dandelion",
    "cowslip",
    "buttercup",
    "windflower",
    "pansy",
)
PER_CLASS = 80

_DOWNLOAD = (
    "17flowers.tgz (and datasplits.mat, for the official splits) from the home "
    "page of the 17 Category Flower Dataset at the Visual Geometry Group, "
    "University of Oxford"
)
_WORDS = {"trn": "train", "val": "val", "tst": "test"}


def read_flowers17(directory, split=1, seed=0):
    """Reads the pictures of Oxford Flowers 17.

    With `datasplits.mat` next to `jpg` one of the three official splits is
    used: 40, 20 and 20 pictures of each class. Without the file 40 pictures of
    each class are drawn for training and 40 for the test.

    Args:
        directory: Folder with `jpg`, or with the folder `17flowers` that
            holds `jpg`.
        split: Number of the official split: 1, 2 or 3. Defaults to `1`.
        seed: Seed of the draw without `datasplits.mat`, an integer. Defaults
            to `0`.

    Returns:
        `kerasfg.data.Source`.

    Raises:
        ValueError: If a part of the archive is missing, or `split` is
            another number.
    """
    if split not in (1, 2, 3):
        raise ValueError(
            f"Argument `split` must be 1, 2 or 3. Received: split={split!r}"
        )
    archive = _archive(directory)
    path = archive.root / "datasplits.mat"
    if path.exists():
        return _source(archive, _official(archive, path, split))
    return _source(archive, _draw(seed))


def read_flowers17_halves(directory, seed=0):
    """Reads the pictures of Oxford Flowers 17, one half for the test.

    40 pictures of each class are drawn for training and 40 for the test, as
    paper 2 has them, even if `datasplits.mat` is there.

    Args:
        directory: See `read_flowers17`.
        seed: Seed of the draw, an integer. Defaults to `0`.

    Returns:
        `kerasfg.data.Source`.

    Raises:
        ValueError: If a part of the archive is missing.
    """
    return _source(_archive(directory), _draw(seed))


def _archive(directory):
    return Archive(directory, "Oxford Flowers 17", _DOWNLOAD, "17flowers")


def _source(archive, splits):
    count = len(CLASS_NAMES) * PER_CLASS
    labels = np.arange(count) // PER_CLASS
    names = [f"jpg/image_{number:04}.jpg" for number in range(1, count + 1)]
    return listed_source(archive, names, labels, CLASS_NAMES, splits)


def _official(archive, path, split):
    count = len(CLASS_NAMES) * PER_CLASS
    parts = read_mat(archive, path, [f"{word}{split}" for word in _WORDS])
    numbers = [number for part in parts.values() for number in part]
    if sorted(numbers) != list(range(1, count + 1)):
        raise archive.problem(
            f"split {split} of datasplits.mat must have each of the {count} "
            f"pictures once, but has {len(numbers)} entries"
        )
    splits = np.empty(count, dtype="<U5")
    for name, part in parts.items():
        splits[np.array(part, int) - 1] = _WORDS[name[:-1]]
    return splits


def _draw(seed):
    random = np.random.default_rng(seed)
    half = ["train", "test"] * (PER_CLASS // 2)
    return np.concatenate([random.permutation(half) for _ in CLASS_NAMES])
