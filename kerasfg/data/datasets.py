"""Makes the data sets for `model.fit` from a folder of pictures."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Literal

import numpy as np
import numpy.typing as npt

from kerasfg.data.groups import find_groups
from kerasfg.data.groups import split_pictures
from kerasfg.data.pixels.cache import PixelCache
from kerasfg.data.pixels.cache import prepare
from kerasfg.data.sources.folder import from_folder
from kerasfg.data.sources.source import Source
from kerasfg.data.splits import VAL_SHARE

if TYPE_CHECKING:
    from kerasfg.data.batches.sequences import EvaluationSequence
    from kerasfg.data.batches.sequences import TrainingSequence


@dataclasses.dataclass(frozen=True, eq=False)
class Datasets:
    """Low-resolution pictures for `fit`, `evaluate` and `predict` of Keras.

    Each set is a `keras.utils.PyDataset` of batches `(images, labels)`:
    float32 `(batch, image_size, image_size, 3)`, 0 to 255, and int32
    `(batch,)`. `len` of it is the number of its batches.

    Attributes:
        train: Shuffled and augmented, another order at each epoch. Pictures
            that do not fill a batch are left out of the epoch.
        validation: In order, every picture once. `labels` has its labels.
        test: As `validation`. Tune nothing on it.
        class_names: Names of the classes; a label is an index into them.
        image_size: Side of a picture in pixels.
        pixels: All pictures, a `PixelCache`.
        splits: `"train"`, `"val"`, `"test"` or, for a picture that is left
            out, `"unused"` or `""`, for each picture of `pixels`.
    """

    train: TrainingSequence
    validation: EvaluationSequence
    test: EvaluationSequence
    class_names: tuple[str, ...]
    image_size: int
    pixels: PixelCache
    splits: npt.NDArray[np.str_]


def datasets_from_directory(
    directory: str | os.PathLike[str],
    image_size: int = 64,
    batch_size: int = 32,
    *,
    seed: int = 0,
    augmentation: bool | Callable = True,
    images_per_class: int = 0,
    crop: Literal["center", "whole"] = "center",
    validation_share: float = VAL_SHARE,
    group_by: str = "",
    join_copies: bool = True,
    strict: bool = False,
    cache_dir: str | os.PathLike[str] | None = None,
    verbose: bool = True,
) -> Datasets:
    """Makes training, validation and test sets of a folder of pictures.

    The folder has one folder of pictures per class (see
    `kerasfg.data.from_folder`). They are shrunk once, with a progress bar, by
    the down-sampler that the exported files and the phone use, and kept in a
    cache. The split is that of its folders `train`, `val` and `test` or of its
    `splits.csv`, or drawn by class and seed (see `kerasfg.data.assign_splits`),
    so that every call gives the same one.

    Args:
        directory: Path of the folder.
        image_size: Side of the pictures in pixels. Defaults to `64`.
        batch_size: Pictures in a batch. Defaults to `32`.
        seed: Non-negative integer that decides the split, the order and the
            augmentation. Defaults to `0`.
        augmentation: Whether training pictures are mirrored, shifted, scaled
            and recoloured, or a function of float32 images and a seed of shape
            `(2,)` that does so by `keras.ops` (it is compiled), such as
            `kerasfg.data.batches.augmentation.Augmentation(flip=False)`.
            Defaults to `True`.
        images_per_class: Pictures of each class in a batch, for losses over
            pairs, see `kerasfg.data.balanced_order`. Defaults to `0`, any.
        crop: `"center"`, the square in the middle, or `"whole"`, squeezed to a
            square. Defaults to `"center"`.
        validation_share: Share of all pictures that validation gets, where no
            split is given; of those in train, where train is given and one of
            the others. Defaults to `0.15`.
        group_by: What stays on one side of the split: `"folder"`, `"burst"` or
            `"column:NAME"`, see `kerasfg.data.group_by`. Defaults to `""`.
        join_copies: Whether copies of a picture are looked for and kept on one
            side of the split. Defaults to `True`.
        strict: Whether a picture that cannot be decoded is an error. Defaults
            to `False`: it is named in a warning and left out.
        cache_dir: Folder for the cache. Defaults to `None`: the environment
            variable `KERASFG_CACHE`, or else the user's cache folder.
        verbose: Whether to show progress where stderr is a terminal. Defaults
            to `True`.

    Returns:
        `Datasets`.

    Raises:
        ValueError: If there are no class folders, fewer than three pictures
            of a class, a table in the folder that does not fit it, or balanced
            batches or the groups of `group_by` cannot be had.

    Example:

    ```python
    import keras
    import kerasfg

    data = kerasfg.data.datasets_from_directory("photos", image_size=64)
    model = kerasfg.FineGrainedClassifier(
        kerasfg.models.backbone("efficientnet_lite0", 64, output_stride=16),
        num_classes=len(data.class_names),
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    model.fit(data.train, validation_data=data.validation, epochs=10)
    model.evaluate(data.test)
    ```
    """
    return datasets_from_source(
        from_folder(directory, strict=strict),
        image_size,
        batch_size,
        seed=seed,
        augmentation=augmentation,
        images_per_class=images_per_class,
        crop=crop,
        validation_share=validation_share,
        group_by=group_by,
        join_copies=join_copies,
        cache_dir=cache_dir,
        verbose=verbose,
    )


def datasets_from_source(
    source: Source,
    image_size: int = 64,
    batch_size: int = 32,
    *,
    seed: int = 0,
    augmentation: bool | Callable = True,
    images_per_class: int = 0,
    crop: Literal["center", "whole"] = "center",
    validation_share: float = VAL_SHARE,
    group_by: str = "",
    join_copies: bool = True,
    cache_dir: str | os.PathLike[str] | None = None,
    verbose: bool = True,
) -> Datasets:
    """Makes training, validation and test sets of any source of pictures.

    Args:
        source: A `Source`, as `kerasfg.data.from_tfds`, `from_folder` and
            `field_guide` give it.
        image_size: See `datasets_from_directory`, as for all that follow.
        batch_size: Defaults to `32`.
        seed: Defaults to `0`.
        augmentation: Defaults to `True`.
        images_per_class: Defaults to `0`.
        crop: Defaults to `"center"`.
        validation_share: Defaults to `0.15`.
        group_by: Defaults to `""`.
        join_copies: Defaults to `True`.
        cache_dir: Defaults to `None`.
        verbose: Defaults to `True`.

    Returns:
        `Datasets`.

    Raises:
        ValueError: See `datasets_from_directory`.

    Example:

    >>> from kerasfg.data import field_guide
    >>> birds = field_guide(images_per_class=4)
    >>> data = datasets_from_source(birds, image_size=16, batch_size=8)
    >>> images, labels = data.train[0]
    >>> images.shape, labels.shape, len(data.test.labels)
    ((8, 16, 16, 3), (8,), 12)
    """
    if not batch_size >= 1:
        raise ValueError(
            "Argument `batch_size` must be at least 1. "
            f"Received: batch_size={batch_size}"
        )
    if not 0 < validation_share <= 0.5:
        raise ValueError(
            "Argument `validation_share` must be above 0 and at most 0.5. "
            f"Received: validation_share={validation_share}"
        )
    pixels = prepare(source, image_size, crop, cache_dir, verbose)
    groups = find_groups(pixels, group_by, join_copies, verbose)
    splits = split_pictures(pixels, groups, seed, validation_share)
    return _datasets(
        pixels, splits, batch_size, seed, augmentation, images_per_class
    )


def _datasets(pixels, splits, batch_size, seed, augmentation, images_per_class):
    from kerasfg.data.batches.pipeline import TrainingBatches
    from kerasfg.data.batches.sequences import EvaluationSequence
    from kerasfg.data.batches.sequences import TrainingSequence

    rows = {
        name: np.flatnonzero(splits == name)
        for name in ("train", "val", "test")
    }
    train = TrainingBatches(
        pixels.images,
        pixels.labels,
        batch_size,
        seed,
        _augmentation(augmentation),
        rows["train"],
        images_per_class,
    )
    validation, test = (
        EvaluationSequence(pixels.images, pixels.labels, rows[name], batch_size)
        for name in ("val", "test")
    )
    return Datasets(
        train=TrainingSequence(train),
        validation=validation,
        test=test,
        class_names=pixels.class_names,
        image_size=pixels.image_size,
        pixels=pixels,
        splits=splits,
    )


def _augmentation(given):
    from kerasfg.data.batches.augmentation import Augmentation

    if given is True:
        return Augmentation()
    return given or None
