"""What can be done with a run folder once it is trained."""

import json

import keras
import numpy as np

from kerasfg.evaluation.evaluate import evaluate
from kerasfg.training.build import load_pixels
from kerasfg.training.run_folder import RunFolder

MAX_VERIFIED = 200


class TrainedRun:
    """A trained run folder: its model, its pictures and their split.

    Args:
        path: The run folder.
        data: Where the pictures are now, if not where the recipe says.
        verbose: Whether to show progress.

    Raises:
        ValueError: If it is no run folder or its training has not ended.
    """

    def __init__(self, path, data=None, verbose=True):
        self.folder = RunFolder(path)
        self.recipe = self.folder.read_recipe()
        if not self.folder.model.exists():
            raise ValueError(
                "The training of a run must have ended: go on with it by "
                f"`kerasfg train --resume {path}`. Received: run={str(path)!r}"
            )
        if data is not None:
            self.recipe = self.recipe.with_options(data=str(data))
        self.model = keras.saving.load_model(
            self.folder.model, compile=False, safe_mode=True
        )
        self.pixels = load_pixels(self.recipe.data, verbose)
        if self.pixels.class_names != self.folder.read_class_names():
            raise ValueError(
                "The pictures must be of the classes that were trained: "
                f"{self.folder.read_class_names()}. "
                f"Received: class_names={self.pixels.class_names}"
            )
        self.splits = self.folder.read_splits(self.pixels.names)

    def evaluate(self):
        """Evaluates the model anew and rewrites the report and its pictures.

        Returns:
            The report; see `kerasfg.evaluation.evaluate`.
        """
        return evaluate(
            self.model,
            self.pixels,
            self.splits,
            self.folder.path,
            history=self.folder.history,
        )

    def export(self, out, formats=("tflite", "onnx")):
        """Exports the model and verifies each file on the test pictures.

        Args:
            out: Folder to write.
            formats: Of `"tflite"` and `"onnx"`.

        Returns:
            The contents of the `kerasfg.json` that was written.

        Raises:
            ValueError: If a file does not do what the Keras model does; it is
                not kept then.
        """
        from kerasfg.export import export

        rows = np.flatnonzero(self.splits == "test")
        card = json.loads(self.folder.card.read_text(encoding="utf-8"))
        few = np.linspace(0, len(rows) - 1, min(len(rows), MAX_VERIFIED))
        return export(
            self.model,
            out,
            np.asarray(self.pixels.images[rows[few.astype(int)]]),
            formats=formats,
            class_names=self.pixels.class_names,
            metadata={
                key: card[key] for key in ("crop", "temperature", "threshold")
            },
        )
