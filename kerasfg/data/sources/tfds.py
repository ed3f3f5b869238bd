"""Reads a classification data set of TensorFlow Datasets."""

from __future__ import annotations

import functools
import hashlib
import io
import os
import tempfile

import numpy as np

from kerasfg.data.pixels.decode import decode_image
from kerasfg.data.sources.source import Source

# Names of splits in TFDS. Pictures of others, such as `extra`, are not used.
_SPLITS = {
    "train": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
}


def from_tfds(
    name: str,
    data_dir: str | os.PathLike[str] | None = None,
    strict: bool = False,
) -> Source:
    """Reads the pictures of a TFDS data set that has `image` and `label`.

    The data set is downloaded if necessary. Its splits are kept; `validation`
    becomes `"val"`. If it has only one split, the source has no splits. Every
    other class label, such as the `coarse_label` of `cifar100` or the
    `species` of `oxford_iiit_pet`, becomes an attribute. Pictures without a
    label (-1) are left out. The encoded pictures are kept in a temporary file.

    Args:
        name: Name of the data set, such as `"stanford_dogs"`.
        data_dir: Folder of TFDS's data sets. Defaults to `None`: the default
            of TFDS.
        strict: Whether `kerasfg.data.prepare` raises an error for a picture
            that cannot be decoded. Defaults to `False`: it warns and skips the
            picture.

    Returns:
        `kerasfg.data.Source`, with names like `train/00012`.

    Raises:
        ImportError: If TensorFlow Datasets is not installed.
        ValueError: If there is no data set of this name, or it lacks `image`,
            `label` or a known split.
        OSError: If the data set is missing and cannot be downloaded.
    """
    tfds = _import_tfds()
    try:
        builder = tfds.builder(name, data_dir=data_dir)
    except tfds.core.DatasetNotFoundError as error:
        raise ValueError(
            "Argument `name` must be the name of a TensorFlow data set, see "
            "https://www.tensorflow.org/datasets/catalog. "
            f"Received: name={name!r}, data_dir={data_dir!r}"
        ) from error
    attributes = _attributes(tfds, name, builder.info.features)
    _download(builder, name)
    splits = [
        split
        for split in builder.info.splits
        if split in _SPLITS and builder.info.splits[split].num_examples
    ]
    if not splits:
        raise ValueError(
            "The data set must have pictures in one of the splits "
            f"{tuple(_SPLITS)}. "
            f"Received: name={name!r}, splits={list(builder.info.splits)}"
        )
    return _read_all(tfds, builder, splits, attributes, strict)


def _import_tfds():
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise ImportError(
            "TensorFlow Datasets is needed for this: "
            "pip install 'kerasfg[tfds]'"
        ) from error
    return tfds


def _attributes(tfds, name, features):
    """Checks the features `image` and `label`; lists other class labels."""
    wanted = {"image": tfds.features.Image, "label": tfds.features.ClassLabel}
    present = dict(features.items()) if hasattr(features, "items") else {}
    for key, kind in wanted.items():
        if not isinstance(present.get(key), kind):
            raise ValueError(
                f"The data set must have a feature {key!r} that is a "
                f"{kind.__name__}. Received: name={name!r}, "
                f"features={features}"
            )
    return [
        key
        for key, feature in present.items()
        if isinstance(feature, tfds.features.ClassLabel) and key != "label"
    ]


def _download(builder, name):
    try:
        builder.download_and_prepare()
    except Exception as error:  # errors of network and disk have many types
        raise OSError(
            f"The data set is not in {builder.data_dir} and cannot be "
            f"downloaded ({type(error).__name__}: {error}). Download it on a "
            "machine with a network connection and pass its folder as "
            f"`data_dir`. Received: name={name!r}"
        ) from error


def _read_all(tfds, builder, splits, attributes, strict):
    features = builder.info.features
    keys = ["label", *attributes]
    names, given, values, digests, ends = [], [], [], [], [0]
    with tempfile.TemporaryFile() as file:
        for split in splits:
            for position, example in _examples(tfds, builder, split, keys):
                names.append(f"{split}/{position:05}")
                given.append(_SPLITS[split])
                values.append([example[key] for key in keys])
                encoded = example["image"]
                digests.append(
                    hashlib.blake2b(encoded, digest_size=16).hexdigest()
                )
                ends.append(ends[-1] + file.write(encoded))
        file.flush()
        # Threads would share the position of a file, but not of a memory map,
        # which stays valid when the file is closed.
        pictures = np.memmap(file, np.uint8, mode="r")
    columns = np.array(values, np.int32).T
    return Source(
        class_names=tuple(features["label"].names),
        names=tuple(names),
        labels=columns[0],
        digests=tuple(digests),
        read=functools.partial(_read, pictures, ends),
        splits=np.array(given) if len(set(given)) > 1 else None,
        strict=strict,
        attributes={
            key: (tuple(features[key].names), column)
            for key, column in zip(attributes, columns[1:], strict=True)
        },
    )


def _examples(tfds, builder, split, keys):
    """Yields the position and the features of each labelled picture."""
    decoders = tfds.decode.PartialDecoding(
        dict.fromkeys(["image", *keys], True),
        decoders={"image": tfds.decode.SkipDecoding()},
    )
    dataset = builder.as_dataset(split=split, decoders=decoders)
    for position, example in enumerate(dataset.as_numpy_iterator()):
        if example["label"] >= 0:
            yield position, example


def _read(pictures, ends, index):
    encoded = pictures[ends[index] : ends[index + 1]].tobytes()
    return decode_image(io.BytesIO(encoded))
