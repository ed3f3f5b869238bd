"""What apps cost the files of a run, on its original test pictures."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from kerasfg.data.pixels.cache import PixelCache
from kerasfg.data.sources.source import Source
from kerasfg.evaluation.clients.client_file import NETWORK
from kerasfg.evaluation.clients.client_file import PIXELS
from kerasfg.evaluation.clients.client_file import ClientFile
from kerasfg.evaluation.clients.measure import measure_clients
from kerasfg.evaluation.clients.pictures import original_pictures
from kerasfg.export.runtime.load import load
from kerasfg.manifest import MANIFEST
from kerasfg.manifest import read_manifest
from kerasfg.notice import Notice


def client_table(
    model: keras.Model,
    read_source: Callable[[], Source],
    pixels: PixelCache,
    splits: Any,
    exported: str | os.PathLike[str] | None = None,
    verbose: bool = True,
) -> dict[str, Any]:
    """Measures a network, and its exported files, as apps use them.

    Args:
        model: `keras.Model` from pixels 0 to 255 to probabilities.
        read_source: Function that returns the `Source` of the pictures, which
            were warned of before.
        pixels: `PixelCache` of them at the size of the model.
        splits: Array with `"test"` for each test picture.
        exported: Folder of an export of the model. Defaults to `None`: the
            network alone is measured.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        A dict; see `kerasfg.evaluation.clients.measure.measure_clients`.

    Raises:
        ValueError: If the folder is no export of this model, or a picture is
            gone.
    """
    files = [_network(model, pixels.image_size)]
    if exported is not None:
        files += exported_files(exported, pixels.class_names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # said when `pixels` were prepared
        warnings.simplefilter("ignore", Notice)
        source = read_source()
        pictures = original_pictures(source, pixels, splits)
        return measure_clients(files, pictures, progress=verbose)


def exported_files(
    folder: str | os.PathLike[str], class_names: tuple[str, ...]
) -> list[ClientFile]:
    """Loads the files of an export.

    Args:
        folder: Folder of the export.
        class_names: Names of the model's classes.

    Returns:
        List of `ClientFile`, in the order of their names.

    Raises:
        ValueError: If it is no export, or has other classes.
    """
    folder = Path(folder)
    manifest = read_manifest(folder) if folder.is_dir() else None
    listed = (manifest or {}).get("files")
    if not listed:
        raise ValueError(
            "`exported` must be a folder that `kerasfg export` wrote, with "
            f"{MANIFEST}. Received: exported={str(folder)!r}"
        )
    if tuple(manifest["class_names"]) != tuple(class_names):
        raise ValueError(
            "The exported files must have the classes of the model: export it "
            f"again. Received: exported={str(folder)!r} with other classes"
        )
    return [
        _file(folder / name, entry) for name, entry in sorted(listed.items())
    ]


def _network(model, image_size):
    def predict(images):
        return model.predict(images.astype("float32"), verbose=0)

    return ClientFile(NETWORK, PIXELS, image_size, predict)


def _file(path, entry):
    runtime = load(path)
    return ClientFile(
        path.name,
        entry.get("takes", PIXELS),
        runtime.image_size,
        runtime.predict,
        path,
    )
