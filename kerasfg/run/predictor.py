"""Classifies pictures with a Keras model or an exported file."""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from kerasfg.data.pixels import capture
from kerasfg.data.pixels.decode import decode_image
from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.evaluation.answer import answer
from kerasfg.evaluation.metrics.calibration import apply_temperature
from kerasfg.evaluation.metrics.familiarity_head import KNOWN
from kerasfg.evaluation.metrics.question import WRONG
from kerasfg.evaluation.metrics.question import Question
from kerasfg.evaluation.metrics.question import ask
from kerasfg.export.inference.open_question import OpenQuestion
from kerasfg.export.inference.probabilities import check_probabilities
from kerasfg.manifest import read_manifest
from kerasfg.run.description import CROP_QUESTION
from kerasfg.run.description import Description
from kerasfg.run.given_paths import find_model
from kerasfg.run.model_manifest import model_manifest


@dataclasses.dataclass(frozen=True)
class Predictor:
    """A model with the preprocessing and calibration that it needs.

    Attributes:
        classify: Function from uint8 images `(n, size, size, 3)` to float32
            probabilities `(n, classes)`.
        image_size: Side of the input in pixels.
        crop: `"center"` or `"whole"`, or `None` if it is not known; then only
            square pictures are classified.
        class_names: Names of the classes.
        temperature: Divides the logits, for calibrated probabilities.
        threshold: Answers with a lower best probability are "not sure".
        crop_fraction: Share of the square's sides to keep, in the middle; see
            `kerasfg.data.shrink`.
        prediction_sets: Result of
            `kerasfg.evaluation.metrics.prediction_sets.fit_sets`, or `None`.
        levels: Result of `kerasfg.evaluation.metrics.levels.fit_levels`: names
            to give where the class is not sure.
        class_attributes: `{class: {attribute: value}}`, or `None`.
        network: The `kerasfg.export.inference.classifier.Classifier` of a Keras
            model; `None` for an exported file.
        class_thresholds: A threshold for each class, in place of `threshold`,
            or `None`.
        classify_with_familiarity: Function like `classify` that returns the
            familiarity, float32 `(n,)`, in addition to the probabilities;
            `None` where it was not fitted.
    """

    classify: Callable
    image_size: int
    crop: Literal["center", "whole"] | None
    class_names: tuple[str, ...]
    temperature: float = 1.0
    threshold: float = 0.0
    crop_fraction: float = 1.0
    prediction_sets: Mapping[str, Any] | None = None
    levels: Sequence[Mapping[str, Any]] = ()
    class_attributes: Mapping[str, Mapping[str, str]] | None = None
    network: Any = None
    class_thresholds: Sequence[float] | None = None
    classify_with_familiarity: Callable | None = None

    def predict(
        self,
        filepath: str | os.PathLike[str],
        top: int = 3,
        coverage: float | None = None,
    ) -> dict[str, Any]:
        """Classifies one picture.

        Args:
            filepath: A picture in any format that Pillow decodes.
            top: Number of classes to name. Defaults to `3`.
            coverage: Share of pictures whose set of classes must hold the true
                one, 0.5 to 0.99. Defaults to `None`: no set is given.

        Returns:
            Dictionary: `file`, and the result of
            `kerasfg.evaluation.answer.answer`: `class`, `probability`, `sure`,
            and `top`, a list of (class, probability), best first; where it was
            fitted, also `familiarity` and `known`.

        Raises:
            PictureError: If the picture cannot be decoded; a `ValueError`.
            ValueError: If the crop is not known and it is not square, if the
                model answers no numbers, or if it has no sets for `coverage`.
        """
        probabilities, familiarity = self._look(filepath)
        found = self.answer(probabilities, top, coverage, familiarity)
        return {"file": str(filepath), **found}

    def ask(
        self,
        filepath: str | os.PathLike[str],
        questions: Sequence[Question],
        reply: Callable[[Question], int | None],
        top: int = 3,
        wrong: float = WRONG,
    ) -> dict[str, Any]:
        """Classifies one picture, and asks where the class is not sure.

        Nothing is asked of a picture that is of none of the classes.

        Args:
            filepath: As of `predict`.
            questions: Result of
                `kerasfg.evaluation.metrics.question.questions_of`.
            reply: Function from a `Question` to the place of the option that
                is true of the picture, or to `None` for "don't know".
            top: As of `predict`.
            wrong: Share of wrong answers. Defaults to `0.1`.

        Returns:
            Dictionary as of `predict`, after the answers, with `questions`: a
            list of dicts, `question` and `answer`.

        Raises:
            ValueError: As `predict`.
        """
        probabilities, familiarity = self._look(filepath)
        if familiarity is not None and familiarity < KNOWN:
            questions = ()
        beliefs, asked = ask(
            probabilities,
            questions,
            reply,
            self._limits(),
            wrong,
        )
        found = self.answer(beliefs, top, familiarity=familiarity)
        return {"file": str(filepath), **found, "questions": asked}

    def answer(self, probabilities, top=3, coverage=None, familiarity=None):
        """Returns the answer for probabilities; see `predict`."""
        return answer(
            probabilities,
            self.class_names,
            self._limits(),
            top,
            coverage,
            self.prediction_sets,
            self.levels,
            familiarity,
        )

    def _limits(self):
        """Returns the threshold, or that of each class."""
        if self.class_thresholds is None:
            return self.threshold
        return self.class_thresholds

    def probabilities(
        self, filepath: str | os.PathLike[str]
    ) -> npt.NDArray[np.float64]:
        """Computes the calibrated probabilities of one picture.

        Args:
            filepath: As of `predict`.

        Returns:
            Float64 array of shape `(classes,)`.

        Raises:
            ValueError: As `predict`.
        """
        return self._look(filepath)[0]

    def _look(self, filepath):
        """Returns calibrated probabilities, and the familiarity or `None`."""
        probabilities, scores = self.classify_images(self.image(filepath)[None])
        return probabilities[0], None if scores is None else float(scores[0])

    def classify_images(
        self, images: npt.NDArray[np.uint8]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32] | None]:
        """Computes the model's outputs for pictures that were shrunk.

        Args:
            images: uint8 array `(n, image_size, image_size, 3)`, each as
                `image` makes it.

        Returns:
            The calibrated probabilities, float64 `(n, classes)`, and the
            familiarity, float32 `(n,)`, or `None` where it was not fitted.

        Raises:
            ValueError: If the model answers no numbers.
        """
        scores = None
        if self.classify_with_familiarity is None:
            raw = self.classify(images)
        else:
            raw, scores = self.classify_with_familiarity(images)
            scores = np.ravel(scores)
        raw = np.asarray(raw)
        check_probabilities(raw, len(images))
        return apply_temperature(raw, self.temperature), scores

    def image(self, filepath: str | os.PathLike[str]) -> npt.NDArray[np.uint8]:
        """Makes the input of the model from a picture, `(size, size, 3)`.

        Args:
            filepath: As of `predict`.

        Raises:
            ValueError: As `predict`.
        """
        return self.image_and_captured(filepath)[0]

    def image_and_captured(
        self, filepath: str | os.PathLike[str]
    ) -> tuple[npt.NDArray[np.uint8], str]:
        """Makes the same of a picture as `image`, and reads its EXIF data.

        Args:
            filepath: As of `predict`.

        Returns:
            The input of the model, and `"camera|time"`, see
            `kerasfg.data.pixels.capture`.

        Raises:
            ValueError: As `predict`.
        """
        try:
            picture = decode_image(filepath)
        except (ValueError, OSError) as error:
            raise PictureError(str(error)) from error
        if self.crop is None and picture.width != picture.height:
            raise OpenQuestion(*CROP_QUESTION)
        image = shrink(
            picture,
            self.image_size,
            self.crop or "center",
            self.crop_fraction,
        )
        return image, picture.info.get(capture.KEY, "")


class PictureError(ValueError):
    """A picture that cannot be decoded."""


def check_crop(predictor, files):
    """Checks that pictures can be classified without a crop that is not known.

    Only the beginning of each file is read; other files are left to
    `Predictor.predict`.

    Args:
        predictor: `Predictor`.
        files: Paths of pictures.

    Raises:
        OpenQuestion: If the crop is not known and a picture is not square.
    """
    if predictor.crop is not None:
        return
    for file in files:
        try:
            if not os.path.isfile(file):  # a pipe would block for ever
                continue
            with Image.open(file) as picture:
                width, height = picture.size
        except Exception:  # Pillow raises many types for a damaged file
            continue
        if width != height:
            raise OpenQuestion(*CROP_QUESTION)


_NO_DATA = (
    "`data` is for a .keras file that was not made by kerasfg: leave it out. "
)


def load_predictor(
    path: str | os.PathLike[str],
    data: str | os.PathLike[str] | None = None,
    description: Description | None = None,
) -> Predictor:
    """Loads a run, a `.keras` file or an exported file to predict with.

    Args:
        path: A run folder, an export folder, `hf://USER/NAME`, or a `.keras`,
            `.tflite` or `.onnx` file. The `kerasfg.json` in the same folder
            adds names of classes, crop and calibration.
        data: Folder with one folder of pictures per class, for a `.keras`
            file of other makers: names its classes, and the file is checked
            on them. Defaults to `None`.
        description: `Description` of a model that kerasfg did not make.
            Defaults to `None`: no description.

    Returns:
        A `Predictor`.

    Raises:
        ValueError: If there is no such model, the description lacks something,
            or `kerasfg.json` is of another model.
    """
    file = find_model(path)
    description = description or Description()
    if pathlib.Path(path).is_dir():
        description.check_unused("a folder of kerasfg")
    if file.suffix == ".keras":
        return _load_keras(file, data, description)
    if data is not None:
        raise ValueError(_NO_DATA + f"Received: data={str(data)!r}")
    from kerasfg.export.runtime.load import load

    runtime = load(file)
    size, classes = runtime.image_size, runtime.num_classes
    manifest = model_manifest(file, size, classes)
    if manifest is not None:
        description.check_unused("an exported file")
        predictor = _with_manifest(_classify_file(runtime), size, manifest)
        if not getattr(runtime, "has_familiarity", False):
            return predictor
        return dataclasses.replace(
            predictor,
            classify_with_familiarity=runtime.predict_with_familiarity,
        )
    used = ("labels", "crop", "crop_fraction")
    description.check_unused("an exported file", used)
    names = description.class_names()
    if names is None or len(names) != classes:
        raise ValueError(
            f"The file does not name its {classes} classes: give `labels`, a "
            "text file with the name of a class on each line. "
            f"Received: labels={description.labels!r}"
        )
    return Predictor(
        _classify_file(runtime),
        size,
        description.crop,
        names,
        crop_fraction=description.crop_fraction or 1.0,
    )


def _classify_file(runtime):
    """Returns the function that classifies, with answers that add up to 1."""
    if not getattr(runtime, "is_int8", False):
        return runtime.predict
    from kerasfg.export.micro.eight_bits import with_sum_1

    return lambda images: with_sum_1(runtime.predict(images))


def _load_keras(path, data, description):
    import kerasfg  # noqa: F401 (registers the classes)
    from kerasfg.export.inference.classifier import classifier
    from kerasfg.export.inference.known_models import is_own_model
    from kerasfg.run.familiarity.keras_answer import with_familiarity
    from kerasfg.run.foreign_model import described_model
    from kerasfg.run.foreign_model import model_on_pictures
    from kerasfg.run.load_keras import load_keras
    from kerasfg.run.run_folder import RunFolder

    is_known = path.name == "model.keras" and read_manifest(path.parent)
    if data is not None and is_known:
        raise ValueError(_NO_DATA + f"Received: data={str(data)!r}")
    model = load_keras(path)
    if data is not None:
        return _of_foreign(model_on_pictures(model, data, description)[0])
    if not is_known:
        return _of_foreign(described_model(model, description))
    if description.labels is not None or description.crop is not None:
        description.check_unused("the folder of this one")
    found = classifier(model, **description.of_model())
    size, classes = found.image_size, found.num_classes
    own = getattr(model, "class_names", None)
    if own is None and not is_own_model(model):
        raise ValueError(
            "A model.keras next to the kerasfg.json of a run must be the "
            "run's, but this one does not name its classes: move it to a "
            f"folder of its own. Received: model={str(path)!r}"
        )
    manifest = model_manifest(path, size, classes, own)
    predictor = dataclasses.replace(
        _with_manifest(_classify(found), size, manifest), network=found
    )
    head = RunFolder(path.parent).read_familiarity()
    if head is not None:
        predictor = dataclasses.replace(
            predictor,
            classify_with_familiarity=with_familiarity(model, head),
        )
    table = getattr(model, "attributes", None)
    if predictor.class_attributes is None and hasattr(table, "by_class"):
        attributes = table.by_class()
        return dataclasses.replace(predictor, class_attributes=attributes)
    return predictor


def _of_foreign(foreign):
    return Predictor(
        _classify(foreign.classifier),
        foreign.classifier.image_size,
        foreign.crop,
        foreign.class_names,
        crop_fraction=foreign.crop_fraction,
        network=foreign.classifier,
    )


def _classify(found):
    return functools.partial(found.as_model().predict, verbose=0)


def _with_manifest(classify, image_size, manifest):
    return Predictor(
        classify,
        image_size,
        manifest["crop"],
        tuple(manifest["class_names"]),
        manifest["temperature"] or 1.0,
        manifest["threshold"] or 0.0,
        manifest["crop_fraction"],
        manifest.get("prediction_sets"),
        manifest.get("levels", ()),
        manifest["class_attributes"],
        class_thresholds=manifest.get("class_thresholds", {}).get("thresholds"),
    )
