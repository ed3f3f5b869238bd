"""Stanford Dogs: 120 breeds, 20,580 pictures."""

import numpy as np

from kerasfg.data.sources.published.archive import Archive
from kerasfg.data.sources.published.listed import listed_source
from kerasfg.data.sources.published.mat_file import read_mat

_DOWNLOAD = (
    "images.tar and lists.tar from the home page of Stanford Dogs at the "
    "Stanford Vision Lab"
)


def read_stanford_dogs(directory):
    """Reads the pictures of Stanford Dogs with its split.

    Names of breeds have no WordNet number: `Chihuahua`. The set is also in
    TensorFlow Datasets, as `stanford_dogs`.

    Args:
        directory: Folder with `Images`, and with `train_list.mat` and
            `test_list.mat`, which may also be in its folder `lists`.

    Returns:
        `kerasfg.data.Source`, split into train and test.

    Raises:
        ValueError: If a part of the archive is missing.
    """
    archive = Archive(directory, "Stanford Dogs", _DOWNLOAD)
    names, labels, splits = [], [], []
    for split in ("train", "test"):
        path = archive.find(f"lists/{split}_list.mat", f"{split}_list.mat")
        lists = read_mat(archive, path, ("file_list", "labels"))
        files, numbers = lists["file_list"], lists["labels"]
        archive.check_counts(files=len(files), labels=len(numbers))
        names += [archive.inside(file, "Images") for file in files]
        labels += numbers
        splits += [split] * len(files)
    breeds = _breeds(archive, labels, names)
    return listed_source(archive, names, np.array(labels) - 1, breeds, splits)


def _breeds(archive, labels, names):
    """Returns the names of the breeds, ordered by their labels from 1 on."""
    folders = [name.split("/")[-2] for name in names]
    pairs = sorted(set(zip(labels, folders, strict=True)))
    numbers = [number for number, _ in pairs]
    one_each = len({folder for _, folder in pairs}) == len(pairs)
    if numbers != list(range(1, len(pairs) + 1)) or not one_each:
        raise archive.problem(
            "the lists must have one label for each folder, numbered from 1 "
            f"on; they have {len(pairs)} pairs of label and folder"
        )
    return [folder.partition("-")[2] or folder for _, folder in pairs]
