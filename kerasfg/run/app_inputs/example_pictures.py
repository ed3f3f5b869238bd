"""Pictures of each class that an app shows as examples."""

from __future__ import annotations

import collections
from collections.abc import Iterator
from collections.abc import Sequence

import numpy as np
from PIL import Image

from kerasfg.config.pixels import read_source
from kerasfg.data.sources.place import Place
from kerasfg.data.sources.place import from_places
from kerasfg.data.sources.place import place_strings
from kerasfg.run.run_folder import RunFolder

_MOST = 6  # pictures of a class to choose from
_SPLITS = ("val", "test")


class ExamplePictures:
    """Pictures of classes, read one by one.

    Of a run they are of its validation pictures, and of its test pictures for a
    class that has none; never those that it was trained on. Of other places
    that have a split likewise, and all of those that have none.

    Args:
        places: Run folder, or pictures by class as
            `kerasfg.data.from_places` takes them; or a sequence of these.

    Raises:
        ValueError: If a place is none of these.
    """

    def __init__(self, places: Place | Sequence[Place]):
        self._rows = collections.defaultdict(list)
        for place in place_strings(places):
            source, splits = _read(place)
            for label, rows in _by_class(source, splits).items():
                name = source.class_names[label]
                self._rows[name] += [(source, row) for row in rows]

    def __call__(self, label: str) -> Iterator[Image.Image]:
        """Reads some pictures of a class; none for an unknown class.

        Args:
            label: Name of the class.

        Returns:
            Iterator of RGB pictures; those that cannot be read are left out.
        """
        rows = self._rows.get(label, ())
        places = np.linspace(0, len(rows) - 1, min(len(rows), _MOST))
        for source, row in (rows[int(place)] for place in places):
            try:
                yield source.read(row)
            except (OSError, ValueError):
                continue


def _read(place):
    folder = RunFolder(place)
    if not folder.recipe.is_file():
        source = from_places(place)
        return source, source.splits
    folder.check_trained()
    recipe = folder.read_recipe()
    source = read_source(recipe.data, recipe.training.seed)
    return source, folder.read_splits(source.names)


def _by_class(source, splits):
    """Returns for each label the rows of its pictures."""
    known = splits is not None and np.isin(splits, ("train", *_SPLITS)).any()
    groups = [np.full(len(source.labels), True)]
    if known:
        groups = [splits == split for split in _SPLITS]
    found = {}
    for group in groups:
        rows = collections.defaultdict(list)
        for row in np.flatnonzero(group).tolist():
            rows[int(source.labels[row])].append(row)
        for label, of_class in rows.items():
            found.setdefault(label, of_class)
    return found
