"""Reads a data set of the Hugging Face Hub, or a folder in its form."""

from __future__ import annotations

import dataclasses
import importlib.util
import io
import os
import pathlib

from kerasfg.data.files.find import problem_of
from kerasfg.data.files.left_out import NO_LABEL
from kerasfg.data.sources.layout import SPLIT_FOLDERS
from kerasfg.data.sources.listing import Listing
from kerasfg.data.sources.listing import Picture
from kerasfg.one_line import one_line

PREFIX = "hf://"
METADATA = ("metadata.csv", "metadata.jsonl")


def is_hugging_face(place):
    """Returns whether a place is a data set of the library `datasets`.

    Args:
        place: `hf://NAME`, or a path: a folder is one if a `metadata.csv` or
            `metadata.jsonl` in it, or in its `train`, lists the pictures.
    """
    if place.startswith(PREFIX):
        return True
    return any(
        _lists_files(pathlib.Path(place, folder, name))
        for folder in ("", "train")
        for name in METADATA
    )


def _lists_files(path):
    try:
        if not path.is_file():
            return False
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            return "file_name" in file.readline(10_000)
    except OSError:  # what cannot be read is named where it is needed
        return False


def check_hugging_face(place):
    """Raises `ImportError` without the library `datasets`."""
    if importlib.util.find_spec("datasets") is None:
        raise ImportError(
            "The library `datasets` is needed for this: "
            f"pip install 'kerasfg[hf]'. Received: data={place!r}"
        )


def list_hugging_face(place: str) -> Listing:
    """Lists the pictures of a data set with a picture and a label in each row.

    Its splits `train`, `validation` and `test` are kept, if there are two.
    Code in a data set is never run.

    Args:
        place: `hf://NAME` (or `hf://datasets/NAME`) for a data set of the Hub,
            which is downloaded, or a folder: one with `metadata.csv`, one of
            Parquet files, or one that `save_to_disk` wrote.

    Returns:
        `Listing`, with names like `train/00012`.

    Raises:
        ImportError: Without the library `datasets`.
        ValueError: If there is no such data set, or it has no picture or no
            label.
    """
    check_hugging_face(place)
    received = f"Received: directory={place!r}"
    parts = _load(place, received)
    folders = _folders(place)
    label = None
    pictures, left_out = [], []
    for part, rows in parts.items():
        image, label = _features(rows, received)
        texts = _texts(rows, label)
        columns = _columns(rows, label)
        rows = rows.select_columns([image])
        rows = rows.cast_column(image, type(rows.features[image])(decode=False))
        split = SPLIT_FOLDERS.get(part.lower(), "") if len(parts) > 1 else ""
        names = _names(place, part, rows, image)
        for index, (name, text) in enumerate(zip(names, texts, strict=True)):
            if text is None:
                left_out.append((name, NO_LABEL))
                continue
            file = _Row(rows, image, index, folders)
            more = {key: values[index] for key, values in columns.items()}
            picture = Picture(name, text, file, split=split, columns=more)
            pictures.append(picture)
    if not pictures:
        raise ValueError(f"The data set has no labelled picture. {received}")
    note = f"The column {label!r} of {place} is the label."
    return Listing(pictures, place, "label", left_out, [note])


@dataclasses.dataclass(frozen=True, slots=True)
class _Row:
    """The picture of a row, as it is stored."""

    rows: object
    image: str
    index: int
    folders: tuple[str, ...]

    def open(self):
        value = self.rows[self.index][self.image]
        if not value:
            raise OSError("no picture in this row")
        if value["bytes"] is not None:
            return io.BytesIO(value["bytes"])
        path = value["path"] or ""
        if not any(_is_inside(path, folder) for folder in self.folders):
            raise OSError("its path is outside of the data set")
        problem = problem_of(path)
        if problem:
            raise OSError(problem)
        return open(path, "rb")


def _folders(place):
    """Returns the folders that files of a data set may be in."""
    import datasets

    own = os.path.abspath(place.removeprefix(PREFIX))
    cache = os.path.abspath(datasets.config.HF_CACHE_HOME)
    return (own, cache) if os.path.isdir(own) else (cache,)


def _is_inside(path, folder):
    return os.path.abspath(path).startswith(folder + os.sep)


def _load(place, received):
    """Returns the parts of a data set by their names."""
    import datasets

    name = place.removeprefix(PREFIX).removeprefix("datasets/")
    datasets.disable_progress_bars()
    try:
        if _is_saved(name):
            found = datasets.load_from_disk(name)
        elif os.path.isdir(name) and is_hugging_face(name):
            found = datasets.load_dataset("imagefolder", data_dir=name)
        else:
            found = datasets.load_dataset(name)
    except Exception as error:  # of network, disk and format, of many types
        raise ValueError(
            f"The data set cannot be loaded ({type(error).__name__}: "
            f"{one_line(error)}). It must be a folder, or be on the Hub with a "
            f"network connection; one that is a script is not run. {received}"
        ) from error
    return dict(found) if hasattr(found, "items") else {"data": found}


def _is_saved(name):
    return any(
        os.path.isfile(os.path.join(name, file))
        for file in ("dataset_dict.json", "state.json")
    )


def _features(rows, received):
    """Returns the columns of the picture and of the label."""
    import datasets

    features = dict(rows.features)
    images = [n for n, f in features.items() if isinstance(f, datasets.Image)]
    classes = [
        n for n, f in features.items() if isinstance(f, datasets.ClassLabel)
    ]
    strings = [
        n
        for n, f in features.items()
        if getattr(f, "dtype", None) in ("string", "large_string")
    ]
    labels = [n for n in ("label", "labels") if n in classes + strings]
    labels = labels or (classes if len(classes) == 1 else [])
    labels = labels or (strings if len(strings) == 1 and not classes else [])
    if len(images) != 1 or not labels:
        raise ValueError(
            "A data set must have one column of pictures and a column of "
            f"labels, named label if there are several. {received}, with the "
            f"columns {list(features)}"
        )
    return images[0], labels[0]


def _names(place, part, rows, image):
    """Names files by their paths below the place, other rows by number."""
    root = os.path.abspath(place.removeprefix(PREFIX)) + os.sep
    names = [f"{part}/{index:05}" for index in range(len(rows))]
    for index, value in enumerate(rows[image]):
        path = (value or {}).get("path") or ""
        if (value or {}).get("bytes") is None and path.startswith(root):
            names[index] = pathlib.Path(path[len(root) :]).as_posix()
    return names


def _texts(rows, label):
    import datasets

    feature = rows.features[label]
    values = rows.with_format(None)[label]
    if not isinstance(feature, datasets.ClassLabel):
        return [None if v is None else str(v) for v in values]
    return [None if v is None or v < 0 else feature.int2str(v) for v in values]


def _columns(rows, label):
    """Returns the further columns of plain values, as texts."""
    return {
        name: [
            "" if v is None else str(v) for v in rows.with_format(None)[name]
        ]
        for name, feature in rows.features.items()
        if name != label and hasattr(feature, "dtype") and _is_plain(feature)
    }


def _is_plain(feature):
    return feature.dtype.startswith(
        ("string", "large_string", "int", "uint", "float", "bool")
    )
