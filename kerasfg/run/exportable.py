"""A model with the pictures to calibrate and verify its export."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal

import keras
import numpy as np

from kerasfg.data.groups import find_groups
from kerasfg.data.groups import split_pictures
from kerasfg.data.pixels.cache import PixelCache
from kerasfg.data.pixels.cache import prepare
from kerasfg.data.sources.place import from_places
from kerasfg.evaluation.report.report import read_report
from kerasfg.manifest_schema import GIVEN
from kerasfg.run.given_paths import check_exportable
from kerasfg.run.trained_run import TrainedRun
from kerasfg.status import status

if TYPE_CHECKING:
    from kerasfg.export import Report

MAX_VERIFIED = 1000


@dataclasses.dataclass(frozen=True, eq=False)
class Exportable:
    """A model and the pictures and metadata for its export.

    Attributes:
        model: `keras.Model`.
        pixels: `PixelCache` of the pictures at the size of the model.
        splits: `"train"`, `"val"`, `"test"` or `""` for each picture.
        metadata: Values for the `kerasfg.json` of the export; see
            `kerasfg.export.export`.
    """

    model: keras.Model
    pixels: PixelCache
    splits: np.ndarray
    metadata: dict

    def export(
        self,
        out: str | os.PathLike[str],
        formats: Sequence[str] = ("tflite", "onnx"),
        variants: Sequence[str] | Literal["all"] = (),
        **options: Any,
    ) -> Report:
        """Exports; verifies on test and calibrates on training pictures.

        Args:
            out: Folder to write.
            formats: `"tflite"`, `"onnx"` or both. Defaults to both.
            variants: See `kerasfg.export.quantize`, or `"all"`. Defaults to
                `()`.
            **options: Other arguments of `kerasfg.export.export`.

        Returns:
            A `kerasfg.export.report.Report`.
        """
        from kerasfg.export import calibration_rows
        from kerasfg.export import export
        from kerasfg.export.wanted_files import need_calibration
        from kerasfg.export.wanted_files import wanted_files

        test = np.flatnonzero(self.splits == "test")
        some = np.linspace(0, len(test) - 1, min(len(test), MAX_VERIFIED))
        test = test[some.astype(int)]
        calibration = None
        if need_calibration(wanted_files(formats, variants)):
            rows = calibration_rows(self.pixels.labels, self.splits)
            calibration = np.asarray(self.pixels.images[rows])
        return export(
            self.model,
            out,
            np.asarray(self.pixels.images[test]),
            formats,
            variants,
            labels=self.pixels.labels[test],
            calibration=calibration,
            class_names=self.pixels.class_names,
            metadata=self.metadata,
            **options,
        )


def exportable(
    path: str | os.PathLike[str],
    data: str | os.PathLike[str] | None = None,
    crop: Literal["center", "whole"] = "center",
    crop_fraction: float = 1.0,
    verbose: bool = True,
) -> Exportable:
    """Loads a model to export, and pictures of its classes.

    Args:
        path: Run folder of a training, or any classifier as a `.keras` file.
        data: Folder with one folder of pictures per class; required for a
            `.keras` file. Its split is its `splits.csv`, or drawn as for a
            training. Defaults to `None`: the place in the run's recipe.
        crop: `"center"` or `"whole"`, for a `.keras` file. Defaults to
            `"center"`.
        crop_fraction: Share of the crop's sides to keep, in the middle, for a
            `.keras` file. Defaults to `1.0`.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        An `Exportable`.

    Raises:
        ValueError: If there is no model, or the pictures have other classes.
    """
    path = Path(path)
    check_exportable(path, data)
    if path.is_dir():
        return _from_run(path, data, verbose)
    return _from_file(path, data, crop, crop_fraction, verbose)


def _from_run(path, data, verbose):
    trained = TrainedRun(path, data, verbose)
    manifest = trained.folder.read_manifest()
    tested = read_report(trained.folder.report)["test"]
    attributes = trained.read_attributes()
    metadata = {
        **{key: manifest[key] for key in GIVEN},
        "name": path.resolve().name,
        "accuracy": {key: tested[key] for key in ("top_1", "top_3", "n")},
        "class_attributes": attributes and attributes.by_class(),
        "recipe": _without_paths(trained.recipe.model_dump(mode="json")),
    }
    return Exportable(trained.model, trained.pixels, trained.splits, metadata)


def _from_file(path, data, crop, crop_fraction, verbose):
    from kerasfg.export.inference.picture_size import picture_size

    model = _load(path)
    pixels = prepare(
        from_places(data),
        picture_size(model),
        crop,
        crop_fraction=crop_fraction,
        progress=verbose,
    )
    own = tuple(getattr(model, "class_names", None) or pixels.class_names)
    if own != pixels.class_names:
        raise ValueError(
            "The folders of pictures must be named like the model's classes: "
            f"{', '.join(own)}. Received: {', '.join(pixels.class_names)}"
        )
    splits = split_pictures(pixels, find_groups(pixels, progress=verbose))
    metadata = {
        "name": path.stem,
        "crop": crop,
        "crop_fraction": crop_fraction,
    }
    return Exportable(model, pixels, splits, metadata)


def _load(path):
    try:
        with status("Loading the model"):
            return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (TypeError, ValueError, OSError, KeyError) as error:
        raise ValueError(
            "The model does not load. Layers of another package must be "
            f"registered with Keras, and lambdas are refused: {error}"
        ) from error


def _without_paths(recipe):
    """Keeps only the names of paths, so that none of this machine is shared."""
    places = (("data", "path"), ("attributes", "table"), ("teacher", "run"))
    for section, key in places:
        value = recipe[section][key]
        recipe[section][key] = (
            Path(value).name
            if isinstance(value, str)
            else [Path(place).name for place in value]
        )
    return recipe
