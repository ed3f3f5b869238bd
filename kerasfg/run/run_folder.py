"""The folder of one training: names of its files, reading and writing."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kerasfg.atomic_file import HIDDEN_PREFIX
from kerasfg.atomic_file import TEMPORARY_PREFIX
from kerasfg.atomic_file import previous_of
from kerasfg.atomic_file import replacing
from kerasfg.config.effort import OWN_TEACHER
from kerasfg.config.recipe import Recipe
from kerasfg.data.splits import read_splits
from kerasfg.given_file import read_given_text
from kerasfg.hub.address import hub_address
from kerasfg.hub.download import local_folder
from kerasfg.manifest import MANIFEST
from kerasfg.manifest import make_manifest
from kerasfg.manifest import read_manifest
from kerasfg.manifest import write_manifest
from kerasfg.manifest_rules.fitted import fitted_of


class RunFolder:
    """Names, reads and writes the files of one training.

    The attributes are the paths of the files. A folder also contains files
    that others write:

    - `confusion.png`, `reliability.png`, `mistakes.png`, `history.png` and
      `resolutions.png`, and `per_class.csv`, the accuracy of each class:
      `kerasfg.evaluation.evaluate_model`;
    - `distance.json` and `distance.png`: `kerasfg distance`, which also adds
      `distance` to `report.json` and `kerasfg.json`;
    - `README.md`, the model card: `kerasfg.run.model_card`;
    - `teacher.txt`, which identifies the teacher in a grid:
      `kerasfg.reproduce.check_run`;
    - `export/`, if no other folder is chosen: `kerasfg export`.

    Args:
        path: The folder, or `hf://USER/NAME` of the Hugging Face Hub, which is
            downloaded; see `kerasfg.hub.download`.

    Attributes:
        address: The `HubAddress` that `path` is, or `None`.
        model: `model.keras`, the trained model.
        recipe: `recipe.toml`; its presence makes the folder a run folder.
        labels: `labels.txt`, a line for each class.
        splits: `splits.csv`, the split of each picture.
        decisions: `decisions.csv`, a copy of the file that the recipe's
            `leave_out` names, if it names one.
        history: `history.csv`, a row for each epoch.
        report: `report.json`, the result of the evaluation.
        manifest: `kerasfg.json`; its presence means that the training has
            ended.
        checkpoint: `checkpoint.npz`, the state after the last epoch;
            `checkpoint-previous.npz` beside it has that of the epoch before.
            Both are removed at the end.
        begun: `begun.json`, the inputs of the training, removed at the end; see
            `kerasfg.run.beginning`.
        teacher: `teacher/`, the run folder of the teacher that the effort
            `best` trains first; see `kerasfg.config.effort`.
        logs: `logs/`, for TensorBoard, if it is installed.
        export: `export/`, the files of `kerasfg export`, unless they were
            written elsewhere.
        attention: `attention.png`, from `TrainedRun.plot_attention`.
        folds: `folds.json`, in the folder over the runs `fold-1`, `fold-2` …
            of a cross-validation; see `kerasfg.evaluation.report.folds`.
        familiarity: `familiarity.npz`, what separates familiar pictures from
            others, if it was fitted.

    Raises:
        ValueError: On reading, if the folder is not a run folder.
    """

    def __init__(self, path: str | os.PathLike[str]):
        self.address = hub_address(path, "run")
        self.path = local_folder(path, "run")
        self.model = self.path / "model.keras"
        self.recipe = self.path / "recipe.toml"
        self.labels = self.path / "labels.txt"
        self.splits = self.path / "splits.csv"
        self.decisions = self.path / "decisions.csv"
        self.history = self.path / "history.csv"
        self.report = self.path / "report.json"
        self.manifest = self.path / MANIFEST
        self.checkpoint = self.path / "checkpoint.npz"
        self.begun = self.path / "begun.json"
        self.teacher = self.path / "teacher"
        self.logs = self.path / "logs"
        self.export = self.path / "export"
        self.attention = self.path / "attention.png"
        self.folds = self.path / "folds.json"
        self.familiarity = self.path / "familiarity.npz"

    @property
    def name(self) -> str:
        """Name of the folder, or of the model on the Hub."""
        return self.address.name if self.address else self.path.resolve().name

    def check_own(self) -> None:
        """Checks that files may be written into the folder.

        Raises:
            ValueError: If it is the copy of a model on the Hub.
        """
        if self.address:
            raise ValueError(
                "The files of a run on the Hub stay as they are there: copy "
                f"them to a folder of yours, by `hf download "
                f"{self.address.repo} --local-dir run`, and name that. "
                f"Received: run={str(self.address)!r}"
            )

    def check_free(self) -> None:
        """Checks that the folder is new or empty.

        Raises:
            ValueError: If it holds something already.
        """
        if self.path.exists() and not (
            self.path.is_dir()
            and all(
                f.name.startswith(HIDDEN_PREFIX) for f in self.path.iterdir()
            )
        ):
            resume = (
                ", or continue an interrupted training with "
                f"`kerasfg train --resume {self.path}`"
            )
            raise ValueError(
                "The run folder must be new or empty, so that nothing is lost: "
                f"name another one{resume if self.recipe.is_file() else ''}. "
                f"Received: out={str(self.path)!r}"
            )

    def check_trained(self):
        """Checks that the folder has the model of a finished training.

        Raises:
            ValueError: If it is not a run folder, or has no model.
        """
        self.read_recipe()
        if self.model.is_file():
            return
        if self.model.exists():  # opening a pipe would block for ever
            raise ValueError(
                "The model of a run must be a file. "
                f"Received: run={str(self.path)!r}"
            )
        if self.manifest.exists():
            compared = self.read_manifest().get("euclidean")
            reason = (
                "this one compared features and trained nothing"
                if compared
                else f"{self.model.name} is missing from this one; copy it "
                "back, or train again"
            )
            raise ValueError(
                f"A run must have a model: {reason}. "
                f"Received: run={str(self.path)!r}"
            )
        if self.folds.exists():
            raise ValueError(
                "A folder of folds has a run for each: name one of them, such "
                f"as {self.path / 'fold-1'}. Received: run={str(self.path)!r}"
            )
        raise ValueError(self._not_ended())

    def _not_ended(self):
        return (
            "The training of a run must have ended: continue it with "
            f"`kerasfg train --resume {self.path}`. "
            f"Received: run={str(self.path)!r}"
        )

    def remove_leftovers(self) -> None:
        """Removes half-written files, and the checkpoint if training ended."""
        for file in self.path.glob(f"{TEMPORARY_PREFIX}*"):
            file.unlink()
        if self.manifest.exists():
            previous = previous_of(self.checkpoint)
            for file in (self.checkpoint, previous, self.begun):
                file.unlink(missing_ok=True)

    def read_recipe(self) -> Recipe:
        """Returns the recipe of the training.

        Its `leave_out` is the copy in the folder, so that the pictures stay
        those of the training if the original is changed or removed. A teacher
        that was trained for it is where the folder is now.
        """
        if not self.recipe.is_file():
            raise ValueError(
                "A run folder must hold a recipe.toml, as `kerasfg train` "
                f"writes it. Received: run={str(self.path)!r}"
            )
        recipe = Recipe.from_toml(self.recipe)
        if recipe.teacher.run == OWN_TEACHER:
            recipe = recipe.with_options(teacher=self._own_teacher())
        if recipe.data.leave_out and self.decisions.is_file():
            return recipe.with_options(leave_out=str(self.decisions))
        return recipe

    def write_recipe(self, recipe: Recipe, whole: bool = True) -> None:
        """Writes `recipe.toml`, and the copy of what its `leave_out` names.

        Args:
            recipe: The `Recipe`.
            whole: As of `Recipe.to_toml`. Defaults to `True`.
        """
        write_text(self.recipe, self.movable(recipe).to_toml(whole))
        source = recipe.data.leave_out
        if source and Path(source).absolute() != self.decisions.absolute():
            with replacing(self.decisions) as temporary_path:
                temporary_path.write_bytes(Path(source).read_bytes())

    def movable(self, recipe: Recipe) -> Recipe:
        """Returns a recipe without the path of the run's own teacher."""
        if not self.has_own_teacher(recipe):
            return recipe
        return recipe.with_options(teacher=OWN_TEACHER)

    def has_own_teacher(self, recipe: Recipe) -> bool:
        """Returns whether the teacher of a recipe is the one in the folder."""
        return recipe.teacher.run == self._own_teacher()

    def _own_teacher(self):
        return str(self.teacher.absolute())

    def read_class_names(self) -> tuple[str, ...]:
        """Returns the names of the classes in the order of their labels."""
        text = read_given_text(self.labels, "labels.txt of a run")
        text = text.replace("\r\n", "\n")
        # Not splitlines(), which breaks a name at U+2028 and others as well.
        return tuple(text.removesuffix("\n").split("\n"))

    def read_splits(self, names: Iterable[str]) -> npt.NDArray[np.str_]:
        """Returns the split of each picture, `""` where it has none.

        Args:
            names: Names of the pictures, as they are now.

        Raises:
            ValueError: If a picture of the split is no longer among them.
        """
        names = tuple(names)
        known = read_splits(self.splits, names)
        missing = set(known) - set(names)
        if missing:
            raise ValueError(
                "The pictures of the run's splits.csv must still be there. Put "
                "them back, or train anew in another folder. "
                f"Received: {len(missing)} missing, such as {min(missing)!r}"
            )
        return np.array([known.get(name, "") for name in names])

    def write_history(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Writes the history as CSV, one row per epoch."""
        keys = list(dict.fromkeys(key for row in rows for key in row))
        with (
            replacing(self.history) as temporary_path,
            open(temporary_path, "w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.DictWriter(file, keys, restval="")
            writer.writeheader()
            writer.writerows(rows)

    def read_familiarity(self):
        """Returns the `Familiarity` of the network, or `None` without one.

        Raises:
            ValueError: If the file is none that kerasfg wrote.
        """
        if not os.path.lexists(self.familiarity):
            return None
        from kerasfg.evaluation.metrics.familiarity_head import load_familiarity

        return load_familiarity(self.familiarity)

    def read_manifest(self):
        """Returns the content of `kerasfg.json`; see `kerasfg.manifest_schema`.

        Raises:
            ValueError: If the training has not ended.
        """
        manifest = read_manifest(self.path)
        if manifest is None:
            raise ValueError(f"{self._not_ended()}, without {MANIFEST}")
        return manifest

    def write_manifest(self, recipe, report, **more):
        """Writes `kerasfg.json`, which shows that the training has ended.

        Args:
            recipe: The `Recipe` of the training.
            report: The report; see `kerasfg.evaluation.evaluate_predictions`.
            **more: More keys of the file, such as `euclidean`.
        """
        metadata = {
            "name": self.name,
            "crop": recipe.data.crop,
            "crop_fraction": recipe.data.crop_fraction,
            "temperature": report["temperature"],
            "threshold": report["threshold"],
            **fitted_of(report),
            **more,
        }
        size, names = recipe.data.image_size, report["classes"]
        write_manifest(make_manifest(size, names, metadata), self.path)

    def update_manifest(self, report):
        """Writes the values that an evaluation fitted into `kerasfg.json`.

        Args:
            report: The report; see `kerasfg.evaluation.evaluate_predictions`.

        Raises:
            ValueError: If the training has not ended.
        """
        always = {key: report[key] for key in ("temperature", "threshold")}
        manifest = self.read_manifest()
        for key in ("class_thresholds", "distance"):
            manifest.pop(key, None)  # if the report has it no more
        fitted = {**always, **fitted_of(report)}
        write_manifest({**manifest, **fitted}, self.path)


def write_text(filepath, text):
    """Writes a text file in one step, so that it is never half-written."""
    with replacing(filepath) as temporary_path:
        temporary_path.write_text(text, encoding="utf-8")
