"""A model with the pictures to calibrate and verify its export."""

from __future__ import annotations

import dataclasses
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal

import keras
import numpy as np

from kerasfg.config.without_paths import without_paths
from kerasfg.data.groups import find_groups
from kerasfg.data.groups import split_pictures
from kerasfg.data.pixels.cache import PixelCache
from kerasfg.data.pixels.frames import read_frames
from kerasfg.evaluation.metrics.confusion import confused_with
from kerasfg.evaluation.report.report import read_report
from kerasfg.hub.address import hub_address
from kerasfg.manifest_rules.fitted import FITTED
from kerasfg.manifest_schema import GIVEN
from kerasfg.run.client_files import try_for_export
from kerasfg.run.description import Description
from kerasfg.run.foreign_model import model_on_pictures
from kerasfg.run.given_paths import check_exportable
from kerasfg.run.load_keras import load_keras
from kerasfg.run.model_card.write import write_export_card
from kerasfg.run.model_card.write import write_run_card
from kerasfg.run.run_folder import RunFolder
from kerasfg.run.trained_run import TrainedRun

if TYPE_CHECKING:
    from kerasfg.evaluation.metrics.familiarity_head import Familiarity
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
        answers: Further arguments of `kerasfg.export.export`, of a model that
            does not show how it is used.
        crop_is_known: Whether it is known how the model was trained on pictures
            that are not square. Defaults to `True`.
        familiarity: `Familiarity` of the model, which the files then give as
            well. Defaults to `None`.
        run: `RunFolder` of the model, for the model card. Defaults to `None`:
            it has none.
    """

    model: keras.Model
    pixels: PixelCache
    splits: np.ndarray
    metadata: dict
    answers: dict = dataclasses.field(default_factory=dict)
    crop_is_known: bool = True
    familiarity: Familiarity | None = None
    run: RunFolder | None = None

    def export(
        self,
        out: str | os.PathLike[str],
        formats: Sequence[str] = ("tflite", "onnx"),
        variants: Sequence[str] | Literal["all"] = (),
        frame_size: int | None = None,
        micro: bool = False,
        **options: Any,
    ) -> Report:
        """Exports; verifies on test and calibrates on training pictures.

        Args:
            out: Folder to write.
            formats: `"tflite"`, `"onnx"` or both. Defaults to both.
            variants: See `kerasfg.export.quantize`, or `"all"`. Defaults to
                `()`.
            frame_size: Side in pixels of the frames that the files take, made
                of the original pictures. Defaults to `None`: that of the
                training pictures, at most 256; see
                `kerasfg.export.frames.frame_size.choose_frame_size`.
            micro: Whether to write the file for microcontrollers, too.
                Defaults to `False`.
            **options: Other arguments of `kerasfg.export.export`.

        Returns:
            A `kerasfg.export.report.Report`.
        """
        from kerasfg.export import calibration_rows
        from kerasfg.export import export
        from kerasfg.export.frames.frame_size import check_frame_size
        from kerasfg.export.frames.frame_size import choose_frame_size
        from kerasfg.export.wanted_files import need_calibration
        from kerasfg.export.wanted_files import wanted_files

        if not self.crop_is_known:
            warnings.warn(
                "All pictures are square, so that the crop of others is not "
                "known: the exported files take the square in the middle of "
                "a picture, as with `--crop center`. Give `--crop` to be sure.",
                stacklevel=2,
            )
        if frame_size is None:
            sizes = self.pixels.picture_sizes[self.splits == "train"]
            sides = sizes.min(axis=1) * self.pixels.crop_fraction
            frame_size = choose_frame_size(self.pixels.image_size, sides)
        check_frame_size(frame_size, self.pixels.image_size)
        test = np.flatnonzero(self.splits == "test")
        some = np.linspace(0, len(test) - 1, min(len(test), MAX_VERIFIED))
        test = test[some.astype(int)]
        calibration = None
        if need_calibration(wanted_files(formats, variants, micro=micro)):
            rows = calibration_rows(self.pixels.labels, self.splits)
            calibration = np.asarray(self.pixels.images[rows])
        report = export(
            self.model,
            out,
            np.asarray(self.pixels.images[test]),
            formats,
            variants,
            labels=self.pixels.labels[test],
            calibration=calibration,
            frame_size=frame_size,
            frames=read_frames(self.pixels, test, frame_size),
            class_names=self.pixels.class_names,
            metadata=self.metadata,
            clients=self._clients(),
            micro=micro,
            familiarity=self.familiarity,
            **self.answers,
            **options,
        )
        self._write_cards(Path(out))
        return report

    def _write_cards(self, out):
        write_export_card(out, self.run)
        if self.run is None or self.run.address:
            return
        if out.resolve() == self.run.export.resolve():
            write_run_card(self.run)  # which shows the files

    def _clients(self):
        if self.pixels.read is None:
            return None
        return try_for_export(self.pixels, self.splits)


def exportable(
    path: str | os.PathLike[str],
    data: str | os.PathLike[str] | None = None,
    description: Description | None = None,
    verbose: bool = True,
) -> Exportable:
    """Loads a model to export, and pictures of its classes.

    Args:
        path: Run folder of a training, `hf://USER/NAME` of one on the Hub, or
            any classifier as a `.keras` file.
        data: Folder with one folder of pictures per class; required for a
            `.keras` file. Its split is its `splits.csv`, or drawn as for a
            training. Defaults to `None`: the place in the run's recipe.
        description: `Description` of a `.keras` file: what it does not show.
            Defaults to `None`: nothing is stated.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        An `Exportable`.

    Raises:
        ValueError: If there is no model, the pictures have other classes, the
            description lacks something, or the model does not fit it.
    """
    description = description or Description()
    check_exportable(path, data, description)
    if hub_address(path) or Path(path).is_dir():
        return _from_run(path, data, verbose)
    return exportable_file(Path(path), data, description, verbose)


def _from_run(path, data, verbose):
    trained = TrainedRun(path, data, verbose)
    manifest = trained.folder.read_manifest()
    report = read_report(trained.folder.report)
    tested = report["test"]
    parts = [report[name] for name in ("val", "test") if report.get(name)]
    attributes = trained.read_attributes()
    metadata = {
        **{key: manifest[key] for key in GIVEN},
        **{key: manifest[key] for key in FITTED if key in manifest},
        "name": trained.folder.name,
        "accuracy": {key: tested[key] for key in ("top_1", "top_3", "n")},
        "class_attributes": attributes and attributes.by_class(),
        "confused_with": confused_with(parts, trained.pixels.class_names),
        "recipe": without_paths(trained.recipe),
    }
    return Exportable(
        trained.model,
        trained.pixels,
        trained.splits,
        metadata,
        familiarity=trained.folder.read_familiarity(),
        run=trained.folder,
    )


def exportable_file(path, data, description, verbose=True):
    """Loads a `.keras` file; raises for what is unknown; see `exportable`.

    `model` of the result is as it was saved.
    """
    model = load_keras(path, verbose)
    foreign, pixels = model_on_pictures(model, data, description, verbose)
    splits = split_pictures(pixels, find_groups(pixels, progress=verbose))
    metadata = {
        "name": path.stem,
        "crop": foreign.crop or "center",
        "crop_fraction": foreign.crop_fraction,
    }
    # Checks on more pictures are not repeated.
    answers = {**description.of_model(), "untrained": True}
    known = foreign.crop is not None
    return Exportable(model, pixels, splits, metadata, answers, known)
