"""What a model card tells, read from the files of a run or export."""

from __future__ import annotations

import collections
import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from kerasfg.config.recipe import Recipe
from kerasfg.data.splits import read_splits
from kerasfg.evaluation.report.report import read_report
from kerasfg.given_file import read_given
from kerasfg.manifest import read_manifest
from kerasfg.run.run_folder import RunFolder

REPORT = "report.json"


@dataclasses.dataclass(frozen=True)
class Facts:
    """What is known of a model.

    Attributes:
        manifest: Content of its `kerasfg.json`.
        is_export: Whether the files are those of an export.
        report: Report of the run; `None` if the model was trained elsewhere.
        recipe: `Recipe` of the run, or `None`.
        counts: Number of pictures in each split; empty if it is not known.
        first_weights: Where the backbone's weights come from: as
            `Recipe.chosen_weights`, with a teacher those of the teacher; `""`
            if it is not known.
        exported: Report of the exported files, or `None`.
    """

    manifest: dict[str, Any]
    is_export: bool
    report: dict[str, Any] | None = None
    recipe: Recipe | None = None
    counts: dict[str, int] = dataclasses.field(default_factory=dict)
    first_weights: str = ""
    exported: dict[str, Any] | None = None

    @property
    def name(self):
        return self.manifest["name"] or "model"

    @property
    def tested(self):
        """`n`, `top_1` and, where known, more of the test; or `None`."""
        found = (self.report or {}).get("test") or self.manifest["accuracy"]
        right = (self.exported or {}).get("keras_accuracy")
        if found is None and right is not None:
            return {"n": self.exported["pictures"], "top_1": right}
        return found


def facts_of_run(folder: RunFolder) -> Facts:
    """Reads the facts of a finished run.

    Args:
        folder: The `RunFolder`.

    Raises:
        ValueError: If its training has not ended, or a file is broken.
    """
    recipe = folder.read_recipe()
    return Facts(
        folder.read_manifest(),
        False,
        read_report(folder.report),
        recipe,
        dict(collections.Counter(read_splits(folder.splits).values())),
        _first_weights(recipe),
        read_export_report(folder.export),
    )


def facts_of_export(
    path: str | os.PathLike[str], folder: RunFolder | None = None
) -> Facts:
    """Reads the facts of an export.

    Args:
        path: The export folder.
        folder: `RunFolder` that it was made of. Defaults to `None`: a model of
            another kind.

    Raises:
        ValueError: If it is no export, or a file is broken.
    """
    manifest, exported = read_manifest(path), read_export_report(path)
    if manifest is None or exported is None:
        raise ValueError(
            "The folder must be one that `kerasfg export` wrote. "
            f"Received: export={str(path)!r}"
        )
    if folder is None:
        return Facts(manifest, True, exported=exported)
    return dataclasses.replace(
        facts_of_run(folder),
        manifest=manifest,
        is_export=True,
        exported=exported,
    )


def read_export_report(path):
    """Reads the `report.json` of an export; `None` where there is no export."""
    file = Path(path) / REPORT
    if not file.is_file():
        return None
    contents = read_given(file, "The report of an export")
    try:
        report = json.loads(contents.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"The report of an export must be JSON ({error}): export the model "
            f"again. Received: {str(file)!r}"
        ) from error
    is_export = isinstance(report, dict) and "files" in report
    return report if is_export else None


def _first_weights(recipe):
    weights = recipe.chosen_weights()
    teacher = recipe.teacher.run
    if weights != "teacher" or "://" in teacher:
        return weights
    file = Path(teacher, "recipe.toml")
    if not file.is_file():
        return weights
    return Recipe.from_toml(file).chosen_weights()
