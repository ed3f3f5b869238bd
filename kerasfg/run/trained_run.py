"""Evaluates the model of a finished training and computes its features."""

from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from typing import Literal

import keras
import numpy as np
import numpy.typing as npt

from kerasfg.config.attributes import load_attributes
from kerasfg.config.pixels import load_pixels
from kerasfg.data.attributes import AttributeTable
from kerasfg.data.batches.pipeline import evaluation_batches
from kerasfg.data.groups import find_groups
from kerasfg.data.sources.place import Place
from kerasfg.data.sources.place import place_strings
from kerasfg.data.taxonomy import Level
from kerasfg.data.taxonomy import find_levels
from kerasfg.evaluation.evaluate_model import evaluate_model
from kerasfg.evaluation.metrics.resolution_curve import resolution_curve
from kerasfg.evaluation.plots.attention import a_few_of_each
from kerasfg.evaluation.plots.attention import attention_maps
from kerasfg.evaluation.plots.attention import plot_attention
from kerasfg.evaluation.report.report import read_report
from kerasfg.export.interrupted_swap import finish_if_interrupted
from kerasfg.manifest import MANIFEST
from kerasfg.one_line import few_names
from kerasfg.run.client_files import client_table
from kerasfg.run.familiarity.fit_model import evaluate_familiarity
from kerasfg.run.load_keras import load_keras
from kerasfg.run.model_card.write import write_run_card
from kerasfg.run.run_folder import RunFolder
from kerasfg.status import status


class TrainedRun:
    """The model of a run folder, its pictures and their split.

    Args:
        path: The run folder, or `hf://USER/NAME` of one on the Hub.
        data: Place of the pictures, or a list of them. Defaults to `None`:
            those in the recipe.
        verbose: Whether to show progress. Defaults to `True`.

    Raises:
        ValueError: If the folder is not a run folder, its training has not
            ended, or the pictures have other classes.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        data: Place | Sequence[Place] | None = None,
        verbose: bool = True,
    ):
        self.folder = RunFolder(path)
        self.verbose = verbose
        self.folder.check_trained()
        self.recipe = self.folder.read_recipe()
        if data is not None:
            self.recipe = self.recipe.with_options(data=place_strings(data))
        self.model = load_keras(self.folder.model, verbose)
        seed = self.recipe.training.seed
        self.pixels = load_pixels(self.recipe.data, verbose, seed)
        trained = self.folder.read_class_names()
        if self.pixels.class_names != trained:
            found = few_names(self.pixels.class_names, trained)
            raise ValueError(
                "The pictures must have the classes of the training: "
                f"{few_names(trained, self.pixels.class_names)}. "
                f"Received: class_names={found}"
            )
        self.splits = self.folder.read_splits(self.pixels.names)

    def evaluate(
        self,
        attributes: AttributeTable | None = None,
        resolutions: list[dict] | None = None,
        clients: dict[str, Any] | None = None,
        levels: Sequence[Level] | None = None,
        questions: float | None = None,
        by: Sequence[str] = (),
        by_table: str | os.PathLike[str] | None = None,
        precision: float | None = None,
        negatives: str | os.PathLike[str] | None = None,
        foreign: Sequence[str | os.PathLike[str]] = (),
    ) -> dict[str, Any]:
        """Evaluates the model again and rewrites the report and the plots.

        Values fitted on the validation pictures are written to `kerasfg.json`.

        Args:
            attributes: `AttributeTable` with at least the classes of the run.
                Defaults to `None`: the table of the run, if it has one.
            resolutions: Result of `resolution_curve` to include in the
                report. Defaults to `None`.
            clients: Result of `client_table` to include in the report.
                Defaults to `None`.
            levels: `Level`s of the classes. Defaults to `None`: those of
                `kerasfg.json`, if it has some.
            questions: Share of wrong answers to simulated questions about the
                attributes. Defaults to `None`: none are asked.
            by: Names of columns of the pictures, or `size`, `camera` and
                `folder`: the accuracy is measured for each value. Defaults to
                `()`.
            by_table: CSV file with `path` and these columns. Defaults to
                `None`: the list that the pictures come from.
            precision: Share of the pictures named as a class that must be so:
                sets a threshold for each class; `0` for one threshold again.
                Defaults to `None`: that of `kerasfg.json`, if it has one.
            negatives: Folder of pictures of none of the classes, to fit the
                familiarity on. Defaults to `None`: `familiarity.npz` stays as
                it is, or is fitted on the classes only.
            foreign: Folders of such pictures to measure it on. Defaults to
                `()`.

        Returns:
            The report; see
            `kerasfg.evaluation.evaluate_model.evaluate_model`.
        """
        self.folder.check_own()
        if attributes is None:
            attributes = self.read_attributes()
        familiarity = evaluate_familiarity(
            self.folder,
            self.model,
            self.pixels,
            self.splits,
            negatives,
            foreign,
            self.verbose,
        )
        earlier = self._earlier()
        with status("Evaluating on the test pictures", self.verbose):
            report = evaluate_model(
                self.model,
                self.pixels,
                self.splits,
                self.folder.path,
                history=self.folder.history,
                attributes=attributes,
                resolutions=resolutions,
                groups=earlier.get("groups"),
                clients=clients,
                levels=levels or self._levels(),
                questions=questions,
                group_ids=self._group_ids(),
                by=by,
                by_table=by_table,
                precision=self._precision(precision),
                familiarity=familiarity,
                earlier=earlier,
            )
        self.folder.update_manifest(report)
        write_run_card(self.folder)
        return report

    def _earlier(self):
        """The report until now; its groups stay, since the split does."""
        if not self.folder.report.exists():
            return {}
        return read_report(self.folder.report)

    def _precision(self, precision):
        if precision is None:
            fitted = self.folder.read_manifest().get("class_thresholds", {})
            return fitted.get("precision")
        return precision or None

    def _group_ids(self):
        """Which pictures belong together, so that intervals count them once."""
        data = self.recipe.data
        given = data.group_by, data.join_copies, self.verbose
        return find_groups(self.pixels, *given).ids

    def read_levels(
        self,
        taxonomy: str | os.PathLike[str] | None = None,
        level: Sequence[str] = (),
        attributes: AttributeTable | None = None,
    ) -> tuple[Level, ...] | None:
        """Reads the coarser names of the classes of this run.

        Args:
            taxonomy: A CSV file; see `kerasfg.data.taxonomy.read_taxonomy`.
                Defaults to `None`.
            level: Names of attributes that make the levels in its place, from
                fine to coarse. Defaults to `()`.
            attributes: Their `AttributeTable`. Defaults to `None`: the table
                of the run.

        Returns:
            Tuple of `Level`, or `None` if neither is given.

        Raises:
            ValueError: If there is no such file or attribute.
        """
        if level and attributes is None:
            attributes = self.read_attributes()
        names = self.pixels.class_names
        return find_levels(names, taxonomy, attributes, level)

    def _levels(self):
        levels = self.folder.read_manifest().get("levels", ())
        return [Level(x["name"], tuple(x["of_class"])) for x in levels]

    def resolution_curve(self, resolutions: Iterable[int]) -> list[dict]:
        """Measures the accuracy on test pictures of other resolutions.

        Args:
            resolutions: Sides in pixels.

        Returns:
            List of dicts; see `kerasfg.evaluation.metrics.resolution_curve`.

        Raises:
            ValueError: If a resolution is not allowed.
        """

        def pixels_at(resolution):
            seed = self.recipe.training.seed
            return load_pixels(
                self.recipe.data, self.verbose, seed, image_size=resolution
            )

        return resolution_curve(
            self.model,
            self.pixels,
            self.splits,
            pixels_at,
            resolutions,
            self.verbose,
        )

    def client_table(
        self, exported: str | os.PathLike[str] | None = None
    ) -> dict[str, Any]:
        """Measures what apps cost by how they make the input of a file.

        Args:
            exported: Folder of the run's exported files. Defaults to `None`:
                its folder `export`, where there is one.

        Returns:
            A dict; see
            `kerasfg.evaluation.clients.measure.measure_clients`.

        Raises:
            ValueError: If the folder is not an export of this run.
        """
        finish_if_interrupted(exported or self.folder.export)
        if exported is None and (self.folder.export / MANIFEST).is_file():
            exported = self.folder.export
        return client_table(
            self.model,
            self.pixels,
            self.splits,
            exported,
            self.verbose,
        )

    def read_attributes(
        self,
        table: str | os.PathLike[str] | None = None,
        names: Sequence[str] = (),
    ) -> AttributeTable | None:
        """Reads the attributes of the classes of this run.

        Args:
            table: A CSV file, a folder or `"field_guide"`, as `attributes` of
                a recipe. It may have other classes, too. Defaults to `None`:
                the table of the model, otherwise that of the recipe.
            names: Names of the attributes to use. Defaults to `()`: all that
                have more than one value.

        Returns:
            `AttributeTable` in the order of the labels; `None` if the run has
            no attributes.

        Raises:
            ValueError: If there is no such table or attribute.
        """
        if table is not None:
            recipe = self.recipe.with_options(
                attributes=str(table),
                attribute=tuple(names),
                other_classes=True,
            )
            return load_attributes(recipe, self.pixels.class_names)
        own = getattr(self.model, "attributes", None)
        if not isinstance(own, AttributeTable):
            own = load_attributes(self.recipe, self.pixels.class_names)
        if own is None and names:
            raise ValueError(
                "The run has no attributes of its own: pass a table of "
                f"attributes. Received: attribute={list(names)}"
            )
        return own.select(names) if names else own

    def features(
        self, split: Literal["train", "val", "test"] = "test"
    ) -> npt.NDArray[np.float32]:
        """Computes `f(x)`, the input of the last layer of the model.

        Args:
            split: `"train"`, `"val"` or `"test"`. Defaults to `"test"`.

        Returns:
            Float32 array of shape `(pictures, dim)`, in the order of
            `pixels`.
        """
        network = self.model.network
        model = keras.Model(network.inputs, network.output["features"])
        rows = np.flatnonzero(self.splits == split)
        batches = evaluation_batches(self.pixels.images, rows=rows)
        with status("Computing features", self.verbose):
            features = model.predict(
                batches,
                verbose=0,  # pyright: ignore[reportArgumentType]
            )
            return features.astype("float32")

    def plot_attention(self) -> Path:
        """Draws `attention.png`, the attention in some test pictures.

        Returns:
            Path of the picture.

        Raises:
            ValueError: If the model has no attention.
        """
        self.folder.check_own()
        test = np.flatnonzero(self.splits == "test")
        shown = test[a_few_of_each(self.pixels.labels[test])]
        images = np.asarray(self.pixels.images[shown])
        masks = attention_maps(self.model, images)
        plot_attention(
            images,
            self.pixels.labels[shown],
            self.model.predict(images.astype("float32"), verbose=0),
            masks,
            self.pixels.class_names,
            self.folder.attention,
        )
        return self.folder.attention
