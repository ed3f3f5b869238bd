"""The split of the pictures of a training."""

import numpy as np

from kerasfg.data.groups import find_groups
from kerasfg.data.groups import split_pictures
from kerasfg.data.splits import keep_share
from kerasfg.data.thinned import thin_classes
from kerasfg.run.beginning import warn_of_added
from kerasfg.run.run_folder import RunFolder
from kerasfg.training.folds.fold_splits import fold_splits


def splits_of_run(run, pixels, recipe, processes, groups):
    """Returns the splits of the run folder or of its own teacher, or new ones.

    Args:
        run: The `RunFolder`.
        pixels: A `kerasfg.data.PixelCache`.
        recipe: The `Recipe`.
        processes: `Processes` that share the training; the leader's are taken.
        groups: The leader's `Groups` of `groups_of`.

    Raises:
        ValueError: If there are new ones, and none to validate or to test.
    """
    if not processes.is_leader:
        splits = []
    elif run.splits.exists():
        splits = run.read_splits(pixels.names)
    elif run.has_own_teacher(recipe):
        splits = _as_the_teacher(run, pixels)
    else:
        splits = split_of(pixels, recipe, groups)
        _check_none_is_empty(splits)
    return np.array(
        processes.share("\n".join(splits).encode()).decode().split("\n")
    )


def _as_the_teacher(run, pixels):
    """Returns the split of the run's own teacher, which drew it.

    Drawn anew after a picture was added, the teacher might have learned what
    its student is tested on.
    """
    splits = RunFolder(run.teacher).read_splits(pixels.names)
    added = splits == ""
    if pixels.splits is not None and np.any(pixels.splits != ""):
        added &= pixels.splits != ""  # the others never had one
    warn_of_added([pixels.names[row] for row in np.flatnonzero(added)])
    return splits


def _check_none_is_empty(splits):
    for split, what in (("val", "validate on"), ("test", "test on")):
        if not np.any(splits == split):
            raise ValueError(
                f"There must be pictures to {what}: add pictures, and with "
                "`group_by` more groups to a class, or group them in another "
                "way, or give each its split by a splits.csv in their folder "
                f"or by folders train, val and test. Received: 0 in {split}, "
                f"{np.count_nonzero(splits == 'train')} in train"
            )


def split_of(pixels, recipe, groups=None):
    """Returns the split of each picture in a new run of a recipe.

    Args:
        pixels: A `kerasfg.data.PixelCache`.
        recipe: A `Recipe`.
        groups: The `Groups` of `groups_of`. Defaults to `None`: they are
            found.
    """
    seed = recipe.training.seed
    groups = groups or groups_of(pixels, recipe, False)
    data, labels = recipe.data, pixels.labels
    if data.fold:
        given = data.folds, data.fold, seed, data.val_share
        splits = fold_splits(pixels, groups, *given)
    else:
        splits = split_pictures(pixels, groups, seed, data.val_share)
    splits = keep_share(splits, labels, data.train_share, seed)
    return thin_classes(splits, labels, data.imbalance, seed)


def groups_of(pixels, recipe, verbose=True):
    """Returns the `Groups` of pictures that a recipe keeps on one side.

    Args:
        pixels: A `kerasfg.data.PixelCache`.
        recipe: A `Recipe`.
        verbose: Whether to show progress. Defaults to `True`.
    """
    data = recipe.data
    return find_groups(pixels, data.group_by, data.join_copies, verbose)
