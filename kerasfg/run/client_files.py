"""Losses of a network and its files in apps, on original pictures."""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from typing import NamedTuple

import keras
import numpy as np
import numpy.typing as npt

from kerasfg.data.pixels.cache import PixelCache
from kerasfg.evaluation.clients.all_clients import few_clients
from kerasfg.evaluation.clients.client import ALIASED
from kerasfg.evaluation.clients.client_file import NETWORK
from kerasfg.evaluation.clients.client_file import PIXELS
from kerasfg.evaluation.clients.client_file import ClientFile
from kerasfg.evaluation.clients.client_table import markdown
from kerasfg.evaluation.clients.measure import measure_clients
from kerasfg.evaluation.clients.pictures import MAX_PICTURES
from kerasfg.evaluation.clients.pictures import original_pictures
from kerasfg.export.inference.float32 import in_float32
from kerasfg.export.verification.same_network import other_network
from kerasfg.manifest import MANIFEST
from kerasfg.manifest import read_manifest
from kerasfg.run.model_manifest import manifest_inside

# So that an export takes seconds longer, not minutes, and an evaluation
# minutes, not hours: this many pictures, fewer of larger pictures.
EXPORT_PICTURES, FEWEST = 200, 50
_EXPORT_PIXELS = 200e6
_FEWEST_EVALUATED = 200
_EVALUATED_PIXELS = 1e9


class Tried(NamedTuple):
    """The losses in apps that an export records.

    Attributes:
        content: Dict; see
            `kerasfg.evaluation.clients.measure.measure_clients`.
        markdown: The same as text, with a table.
        hints: Sentences on files that another one replaces.
    """

    content: dict[str, Any]
    markdown: str
    hints: list[str]


def client_table(
    model: keras.Model,
    pixels: PixelCache,
    splits: npt.NDArray[np.str_],
    exported: str | os.PathLike[str] | None = None,
    verbose: bool = True,
) -> dict[str, Any]:
    """Measures a network, and its exported files, as apps use them.

    It takes 1,000 test pictures at most, above a megapixel fewer, but at least
    200; the result has their number.

    Args:
        model: `keras.Model` from pixels 0 to 255 to probabilities.
        pixels: `PixelCache` of the pictures at the size of the model.
        splits: Array with `"test"` for each test picture.
        exported: Folder of an export of the model. Defaults to `None`: the
            network only is measured.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        A dict; see `kerasfg.evaluation.clients.measure.measure_clients`.

    Raises:
        ValueError: If the folder is not an export of this model, or there are
            no original pictures.
    """
    files = [_network(model, pixels.image_size)]
    if exported is not None:
        files += exported_files(exported, model, pixels)
    most = _fitting(pixels, _EVALUATED_PIXELS, _FEWEST_EVALUATED, MAX_PICTURES)
    pictures = original_pictures(pixels, splits, most)
    return measure_clients(files, pictures, progress=verbose)


def try_for_export(
    pixels: PixelCache, splits: npt.NDArray[np.str_]
) -> Callable[[Sequence[dict[str, Any]]], Tried]:
    """Returns the function that an export calls to test its files.

    Args:
        pixels: `PixelCache` with its original pictures.
        splits: Array with `"test"` for each test picture.

    Returns:
        Function from arguments of `ClientFile`, a dictionary for each file, to
        `Tried`. It takes 200 pictures, fewer above a megapixel but at least
        50, and one client of each kind.
    """
    most = _fitting(pixels, _EXPORT_PIXELS, FEWEST, EXPORT_PICTURES)

    def try_files(files):
        pictures = original_pictures(pixels, splits, most)
        found = measure_clients(
            [ClientFile(**file) for file in files],
            pictures,
            few_clients(pixels.crop),
            progress=False,
        )
        hints = [
            finding["text"]
            for finding in found["findings"]
            if finding["fault"] == ALIASED
        ]
        return Tried(found, markdown(found), hints)

    return try_files


def _fitting(pixels, budget, fewest, most):
    """Returns how many pictures have a number of pixels, within two bounds."""
    size = float(np.median(pixels.picture_sizes.prod(axis=1, dtype=float)))
    return min(max(int(budget / max(size, 1.0)), fewest), most)


def exported_files(
    folder: str | os.PathLike[str], model: keras.Model, pixels: PixelCache
) -> list[ClientFile]:
    """Loads the files of an export of a network.

    Args:
        folder: Folder of the export.
        model: `keras.Model` from pixels 0 to 255 to probabilities.
        pixels: `PixelCache` of the pictures at the size of the model.

    Returns:
        List of `ClientFile`, in the order of their names.

    Raises:
        ValueError: If it is not an export, or one of another network: with
            other classes, another size or crop, or other answers to the picture
            of the self-test; or a file is missing, or not what `kerasfg.json`
            describes.
    """
    folder = Path(folder)
    manifest = read_manifest(folder) if folder.is_dir() else None
    if manifest is None or not manifest["files"]:
        raise ValueError(
            "`exported` must be a folder that `kerasfg export` wrote, with "
            f"{MANIFEST}. Received: exported={str(folder)!r}"
        )
    why = _other(manifest, model, pixels)
    if why:
        raise ValueError(
            "The exported files must be those of the model: export it again. "
            f"Received: exported={str(folder)!r} with {why}"
        )
    return [
        _file(folder, name, entry)
        for name, entry in sorted(manifest["files"].items())
    ]


def _other(manifest, model, pixels):
    """Returns why an export is of another network, or `None`."""
    if tuple(manifest["class_names"]) != tuple(pixels.class_names):
        return "other classes"
    for key in ("image_size", "crop", "crop_fraction"):
        own = getattr(pixels, key)
        if manifest[key] != own:
            return f"{key}={manifest[key]!r}, not {own!r}"
    # Its answers were those of the network in float32.
    network = _network(in_float32(model), pixels.image_size)
    return other_network(manifest, network.predict)


def _network(model, image_size):
    def predict(images):
        return model.predict(images.astype("float32"), verbose=0)

    return ClientFile(NETWORK, PIXELS, image_size, predict)


def _file(folder, name, entry):
    from kerasfg.export.runtime.load import load

    path, takes = folder / name, entry.get("takes", PIXELS)
    if not path.is_file():
        raise _not_as_listed(folder, f"without {name}")
    runtime = load(path)
    side = entry.get("image_size", runtime.image_size)
    inside = manifest_inside(path) or {}
    for key, expected, found in (
        ("image_size", side, runtime.image_size),
        ("takes", takes, inside.get("takes", takes)),
    ):
        if expected != found:
            raise _not_as_listed(
                folder, f"whose {name} has {key}={found!r}, not {expected!r}"
            )
    return ClientFile(name, takes, side, runtime.predict, path)


def _not_as_listed(folder, what):
    return ValueError(
        f"The exported files must be those that their {MANIFEST} lists: export "
        f"the model again. Received: exported={str(folder)!r}, {what}"
    )
