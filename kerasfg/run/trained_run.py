"""What can be done with a run folder once it is trained."""

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
from kerasfg.evaluation.evaluate import evaluate
from kerasfg.evaluation.metrics.resolution_curve import resolution_curve
from kerasfg.evaluation.plots.attention import a_few_of_each
from kerasfg.evaluation.plots.attention import attention_maps
from kerasfg.evaluation.plots.attention import plot_attention
from kerasfg.run.run_folder import RunFolder
from kerasfg.status import status


class TrainedRun:
    """A trained run folder: its model, its pictures and their split.

    Args:
        path: The run folder.
        data: Where the pictures are now, if not where the recipe says.
        verbose: Whether to show progress.

    Raises:
        ValueError: If it is no run folder or its training has not ended.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        data: str | os.PathLike[str] | None = None,
        verbose: bool = True,
    ):
        self.folder = RunFolder(path)
        self.verbose = verbose
        self.folder.check_trained()
        self.recipe = self.folder.read_recipe()
        if data is not None:
            self.recipe = self.recipe.with_options(data=str(data))
        with status("Loading the model", verbose):
            self.model = keras.saving.load_model(
                self.folder.model, compile=False, safe_mode=True
            )
        seed = self.recipe.training.seed
        self.pixels = load_pixels(self.recipe.data, verbose, seed)
        if self.pixels.class_names != self.folder.read_class_names():
            raise ValueError(
                "The pictures must be of the classes that were trained: "
                f"{self.folder.read_class_names()}. "
                f"Received: class_names={self.pixels.class_names}"
            )
        self.splits = self.folder.read_splits(self.pixels.names)

    def evaluate(
        self,
        attributes: AttributeTable | None = None,
        resolutions: list[dict] | None = None,
    ) -> dict[str, Any]:
        """Evaluates the model anew and rewrites the report and its pictures.

        Args:
            attributes: `AttributeTable` that has each class. Defaults to
                `None`: the run's own, if it has one.
            resolutions: What `resolution_curve` gives, to be kept with the
                rest. Defaults to `None`: no such curve.

        Returns:
            The report; see `kerasfg.evaluation.evaluate`.
        """
        if attributes is None:
            attributes = self.read_attributes()
        with status("Evaluating on the test pictures", self.verbose):
            return evaluate(
                self.model,
                self.pixels,
                self.splits,
                self.folder.path,
                history=self.folder.history,
                attributes=attributes,
                resolutions=resolutions,
            )

    def resolution_curve(self, resolutions: Iterable[int]) -> list[dict]:
        """Measures the accuracy on pictures taken from farther away.

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

    def read_attributes(
        self,
        table: str | os.PathLike[str] | None = None,
        names: Sequence[str] = (),
    ) -> AttributeTable | None:
        """Reads what the classes of this run are like.

        Args:
            table: What a recipe has as `attributes`: a CSV file, a folder or
                `"field_guide"`. It may have other classes too. Defaults to
                `None`: what the model was trained with, or else what the
                recipe names.
            names: Names of the attributes to take. Defaults to `()`: all that
                divide the classes.

        Returns:
            `AttributeTable` in the order of the labels; `None` if the run has
            none of its own.

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
                "The run has no attributes of its own: say where they are by "
                f"--attributes. Received: attribute={list(names)}"
            )
        return own.select(names) if names else own

    def features(
        self, split: Literal["train", "val", "test"] = "test"
    ) -> npt.NDArray[np.float32]:
        """Computes `f(x)`, what the last layer of the model classifies.

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
        """Draws `attention.png`: where the model looks in some test pictures.

        Returns:
            Path of the picture.

        Raises:
            ValueError: If the model has no attention.
        """
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
            self.folder.path / "attention.png",
        )
        return self.folder.path / "attention.png"
