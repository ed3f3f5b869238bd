"""Reads a run folder for the report page, without its pictures or Keras."""

import base64
import dataclasses
import functools
import json
import os
import tomllib
from pathlib import Path

from kerasfg.data.splits import read_splits
from kerasfg.evaluation.distance.saved_card import checked_card
from kerasfg.evaluation.report.history import read_history
from kerasfg.evaluation.report.report import read_report
from kerasfg.given_file import read_given
from kerasfg.given_file import read_given_text
from kerasfg.manifest import read_manifest

PICTURES = {
    "confusion": "Confusion",
    "reliability": "Calibration",
    "history": "Training",
    "resolutions": "From farther away",
    "mistakes": "The surest mistakes",
    "attention": "Attention",
}
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclasses.dataclass(frozen=True, eq=False)
class SavedRun:
    """The content of a run folder, as the report page shows it.

    Attributes:
        name: Name of the run on the page.
        report: The content of `report.json`.
        recipe: The content of `recipe.toml`, a dictionary for each section.
        manifest: The content of `kerasfg.json`, empty where it is missing.
        history: A dictionary of texts for each epoch.
        tested: Names of the test pictures.
        pictures: From a key of `PICTURES` to the `data:` URI of that file.
        exported: The content of `export/report.json`, the measurements of
            `kerasfg export`, or `None`.
    """

    name: str
    report: dict
    recipe: dict
    manifest: dict
    history: tuple[dict[str, str], ...]
    tested: frozenset[str]
    pictures: dict[str, str]
    exported: dict | None

    @property
    def test(self):
        """The part of the report that is about the test pictures."""
        return self.report["test"]

    @functools.cached_property
    def distance(self):
        """The distance card, checked, or `None`."""
        found = self.report.get("distance")
        return None if found is None else checked_card(found, self.name)

    @property
    def seed(self):
        """The seed of the training, or `None`."""
        return self.recipe.get("training", {}).get("seed")


def read_run(path, name):
    """Reads a run folder; neither Keras nor the pictures are needed.

    Args:
        path: The run folder.
        name: Name of the run on the page.

    Returns:
        A `SavedRun`.

    Raises:
        ValueError: If it is not the folder of a training that has ended.
    """
    path = Path(path)
    for file in ("recipe.toml", "report.json"):
        if not (path / file).is_file():
            raise ValueError(
                "A run folder must hold a recipe.toml and a report.json, as "
                "`kerasfg train` leaves them at its end. "
                f"Received: run={str(path)!r}, without {file}"
            )
    return SavedRun(
        name=name,
        report=read_report(path / "report.json"),
        recipe=_read_recipe(path / "recipe.toml"),
        manifest=read_manifest(path) or {},
        history=tuple(read_history(path / "history.csv")),
        tested=_read_tested(path / "splits.csv"),
        pictures=_read_pictures(path),
        exported=_read_json(path / "export" / "report.json"),
    )


def _read_recipe(filepath):
    try:
        return tomllib.loads(read_given_text(filepath, "A recipe"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ValueError(
            f"A recipe must be a TOML file: {error}. "
            f"Received: filepath={str(filepath)!r}"
        ) from None


def _read_tested(filepath):
    splits = read_splits(filepath) if filepath.is_file() else {}
    return frozenset(name for name, split in splits.items() if split == "test")


def _read_pictures(path):
    found = {}
    for key in PICTURES:
        file = path / f"{key}.png"
        content = read_given(file, "A picture") if file.is_file() else b""
        if content.startswith(_PNG):
            text = base64.b64encode(content).decode("ascii")
            found[key] = f"data:image/png;base64,{text}"
    return found


def _read_json(filepath):
    if not os.path.lexists(filepath):
        return None
    text = read_given_text(filepath, "A report of an export")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"A file of a run is not JSON ({error}): make it again. "
            f"Received: filepath={str(filepath)!r}"
        ) from None
