"""The views that a recipe trains on."""

import numpy as np

from kerasfg.cache_folder import cache_folder
from kerasfg.config.pixels import quietly
from kerasfg.config.pixels import read_source
from kerasfg.data.views.stored import ViewSettings
from kerasfg.data.views.stored import stored_views
from kerasfg.notice import tell
from kerasfg.write_errors import naming


def load_shared_views(
    recipe, pixels, rows, processes, teacher=None, verbose=True
):
    """Makes the views of a recipe, first in the leading process.

    The other processes of its machine read its result from the cache; those of
    other machines repeat the work.

    Args:
        recipe: A `Recipe` whose training has views.
        pixels: The `kerasfg.data.PixelCache` of its pictures.
        rows: Indices of the training pictures.
        processes: The `Processes`.
        teacher: The `kerasfg.training.teacher.TeacherRun` that is shown each
            view. Defaults to `None`.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        `kerasfg.data.views.stored.Views` of the pictures, in the order of the
        rows.

    Raises:
        ValueError: If the pictures change meanwhile.
    """
    given = recipe, pixels, rows, teacher, verbose
    views = None
    if processes.is_leader:
        _tell_of_small_pictures(recipe, pixels, rows)
        views = _load_views(*given)
    processes.wait("views")
    return _load_views(*given) if views is None else views


def _load_views(recipe, pixels, rows, teacher, verbose):
    augmentation = recipe.augmentation
    settings = ViewSettings(
        image_size=recipe.data.image_size,
        count=augmentation.view_count,
        seed=recipe.training.seed,
        crop=recipe.data.crop,
        mixed=augmentation.resizers == "mixed",
        flip=augmentation.flip,
        color=augmentation.color,
    )
    names = [pixels.names[row] for row in rows]
    digests = [pixels.digests[row] for row in rows]

    def reader():
        return _reader(recipe, names, digests)

    with naming(cache_folder()):
        return stored_views(
            names, digests, reader, settings, teacher, progress=verbose
        )


def _reader(recipe, names, digests):
    """Returns a function from the number of a picture to the picture."""
    with quietly():  # the pixels were read before
        source = read_source(recipe.data, recipe.training.seed)
    found = {name: index for index, name in enumerate(source.names)}
    indices = [found.get(name) for name in names]
    changed = [
        name
        for name, index, digest in zip(names, indices, digests, strict=True)
        if index is None or source.digests[index] != digest
    ]
    if changed:
        raise ValueError(
            "The pictures must not change while they are read: train again. "
            f"Received: {len(changed)} changed pictures, such as {changed[0]!r}"
        )
    return lambda number: source.read(indices[number])


def _tell_of_small_pictures(recipe, pixels, rows):
    size = recipe.data.image_size
    sides = pixels.picture_sizes[rows].min(axis=1)
    small = np.count_nonzero(sides <= size)
    if 2 * small > len(rows):
        tell(
            f"{small} of {len(rows)} training pictures are no larger than "
            f"{size} pixels: their views are parts of these pixels, enlarged."
        )
