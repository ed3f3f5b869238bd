"""A model with the pictures that its export is calibrated and verified on."""

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

from kerasfg.data.pixels.cache import PixelCache
from kerasfg.data.pixels.cache import prepare
from kerasfg.data.sources.folder import from_folder
from kerasfg.data.splits import assign_splits
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
    """A model and what its export needs.

    Attributes:
        model: `keras.Model`.
        pixels: `PixelCache` of the pictures at the model's size.
        splits: `"train"`, `"val"`, `"test"` or `""` for each picture.
        metadata: What is known of the model, for the `kerasfg.json` of the
            export; see `kerasfg.export.export`.
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
        """Exports, verified on test pictures, calibrated on training pictures.

        Args:
            out: Folder to write.
            formats: Of `"tflite"` and `"onnx"`.
            variants: Of `"float16"`, `"dynamic"`, `"int8"` and `"mixed"`, or
                `"all"`.
            **options: More of `kerasfg.export.export`.

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
        data: Folder with one folder of pictures per class. A `.keras` file
            needs it: its split is `splits.csv` of the folder, or drawn as
            training draws it. Defaults to `None`: where the run's pictures
            were.
        crop: `"center"` or `"whole"`, for a `.keras` file. Defaults to
            `"center"`.
        crop_fraction: Share of the crop's sides that a `.keras` file sees, in
            its middle. Defaults to `1.0`.
        verbose: Whether to show progress.

    Returns:
        An `Exportable`.

    Raises:
        ValueError: If there is no model, or the pictures are not of its
            classes.
    """
    path = Path(path)
    check_exportable(path, data)
    if path.is_dir():
        return _of_run(path, data, verbose)
    return _of_file(path, data, crop, crop_fraction, verbose)


def _of_run(path, data, verbose):
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


def _of_file(path, data, crop, crop_fraction, verbose):
    from kerasfg.export.inference.picture_size import picture_size

    model = _load(path)
    pixels = prepare(
        from_folder(data),
        picture_size(model),
        crop,
        crop_fraction=crop_fraction,
        progress=verbose,
    )
    own = tuple(getattr(model, "class_names", None) or pixels.class_names)
    if own != pixels.class_names:
        raise ValueError(
            "The folders of pictures must be the model's classes: "
            f"{', '.join(own)}. Received: {', '.join(pixels.class_names)}"
        )
    splits = assign_splits(
        pixels.labels,
        pixels.splits,
        pixels.groups,
        class_names=pixels.class_names,
    )
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
    """Where pictures lay on this machine concerns nobody else."""
    places = (("data", "path"), ("attributes", "table"), ("teacher", "run"))
    for section, key in places:
        recipe[section][key] = Path(recipe[section][key]).name
    return recipe
