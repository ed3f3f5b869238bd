"""Verifies an exported file: runs it and compares it with Keras."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pathlib
import tempfile

import numpy as np
import numpy.typing as npt

from kerasfg.atomic_file import HIDDEN_PREFIX
from kerasfg.export.runtime.child_classifier import TIME_LIMIT
from kerasfg.export.runtime.child_classifier import ChildClassifier
from kerasfg.export.runtime.contract import FAMILIARITY
from kerasfg.export.runtime.file_contents import check_metadata
from kerasfg.export.runtime.file_contents import read_contents
from kerasfg.export.verification.familiarity import judge_familiarity
from kerasfg.export.verification.judgement import judge
from kerasfg.export.verification.limits import LIMITS
from kerasfg.export.verification.limits import Limits
from kerasfg.write_errors import naming

# Builtin operators with state, which browser runtimes do not support.
_STATEFUL = {
    "ASSIGN_VARIABLE",
    "CALL_ONCE",
    "HASHTABLE",
    "HASHTABLE_FIND",
    "HASHTABLE_IMPORT",
    "HASHTABLE_SIZE",
    "READ_VARIABLE",
    "VAR_HANDLE",
}


class VerificationError(ValueError):
    """An exported file differs too much from the Keras model."""


@dataclasses.dataclass(frozen=True)
class Verification:
    """Result of verifying a file that runs.

    Attributes:
        name: Name of the file.
        variant: `"float32"`, `"int8"` or another variant.
        bytes: Size of the file.
        sha256: Hash of the file, as hexadecimal digits.
        integrity: `"checked"` if the `kerasfg.json` in the file's folder has
            this hash; `"unknown"` if it is missing or does not list the file.
        operators: Sorted tuple of the operators in the file.
        pictures: Number of pictures that the file was run on.
        max_difference: Largest difference of a probability from Keras.
        mean_difference: Mean difference of a probability from Keras.
        top_1_agreement: Share of the pictures with the same top class as
            Keras. If both agreement and difference are limited, classes whose
            probabilities in Keras differ by less than that limit count as
            equal.
        accuracy: Share of the pictures with the right top class, or `None`
            without labels.
        keras_accuracy: The same share for Keras, or `None`.
        familiarity_difference: Largest difference of a familiarity from Keras,
            or `None` if the file does not give it.
        familiarity_agreement: Share of the pictures that are known, or not, as
            in Keras, or `None`.
        familiarity_failure: The one of `failures` about it, or `None`.
        failures: Violated limits, one sentence each; empty if it passed.
        notes: Remarks that are needed to understand the numbers, one sentence
            each.
    """

    name: str
    variant: str
    bytes: int
    sha256: str
    integrity: str
    operators: tuple[str, ...]
    pictures: int
    max_difference: float
    mean_difference: float
    top_1_agreement: float
    accuracy: float | None = None
    keras_accuracy: float | None = None
    familiarity_difference: float | None = None
    familiarity_agreement: float | None = None
    familiarity_failure: str | None = None
    failures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """What the file gives: `"probabilities"`, perhaps `"familiarity"`."""
        has_familiarity = self.familiarity_difference is not None
        return ("probabilities", *([FAMILIARITY] if has_familiarity else []))

    @property
    def passed(self) -> bool:
        """Whether the file is within its limits."""
        return not self.failures

    def check(self) -> None:
        """Raises `VerificationError` if the file violates its limits."""
        if self.failures:
            raise VerificationError(
                f"{self.name} differs too much from Keras. "
                f"{' '.join(self.failures)}"
            )


def verify(
    filepath: str | os.PathLike[str],
    images: npt.NDArray[np.uint8],
    expected_probabilities: npt.ArrayLike,
    labels: npt.ArrayLike | None = None,
    variant: str = "float32",
    limits: Limits | None = None,
    time_limit: float = TIME_LIMIT,
    expected_familiarity: npt.ArrayLike | None = None,
) -> Verification:
    """Runs an exported file in its own runtime and compares it with Keras.

    The file's SHA-256 is checked first. Then the file runs in another process
    with limited time and memory. Violated limits do not raise an error but are
    listed in `failures`.

    | variant | allowed difference from Keras |
    | --- | --- |
    | `"float32"` | 1e-4 of each probability, no other top class |
    | `"float16"` | 1e-2 of each probability |
    | `"dynamic"`, `"int8"`, `"mixed"`, `"micro"` | one point of accuracy |

    Without labels there is no limit of accuracy; where there would be one, 99 %
    of the top classes must be the same as in Keras (less with a larger limit).
    If Keras is less than 20 points above chance on the pictures, top classes
    are not compared, and the variants that are limited in accuracy fail.

    Args:
        filepath: `.tflite` or `.onnx` file.
        images: uint8 `(pictures, N, N, 3)`, at least one. At least 200 real
            pictures are recommended.
        expected_probabilities: Probabilities that Keras predicts for the
            images, `(pictures, classes)`.
        labels: Integer classes of the pictures, `(pictures,)`. Defaults to
            `None`: unknown.
        variant: Variant of the file, which determines the limits. Defaults to
            `"float32"`.
        limits: `Limits`. Defaults to `None`: `LIMITS[variant]`.
        time_limit: Most seconds for loading the file and for each 16 pictures.
            Defaults to `120`.
        expected_familiarity: Familiarity that Keras computes for the images,
            `(pictures,)`: the file must give it as well, to 1e-4 in float32,
            and otherwise on the same side of 0.5 for 98 % of the pictures.
            Defaults to `None`: that of a file is not compared.

    Returns:
        A `Verification`.

    Raises:
        VerificationError: If the file differs from its entry in
            `kerasfg.json`, does not load or run, uses operators that are not
            builtin, has other classes, returns numbers that are not finite, or
            has broken metadata.
        ValueError: If the arguments do not fit together.

    Example:

    ```python
    expected = model.predict(images)
    found = verify("model_int8.tflite", images, expected, labels, "int8")
    found.top_1_agreement  # 0.991
    found.passed  # True
    ```
    """
    filepath = pathlib.Path(filepath)
    expected = np.asarray(expected_probabilities, "float32")
    _check_arguments(images, expected, labels, variant)
    try:
        contents, integrity = read_contents(filepath)
    except ValueError as error:
        raise VerificationError(str(error)) from error
    with _started(filepath, contents, time_limit) as classifier:
        operators = _check_operators(filepath.name, classifier)
        given, familiarity = _run(
            filepath.name, classifier, images, expected.shape[1]
        )
    try:
        check_metadata(filepath, contents)
    except ValueError as error:
        raise VerificationError(str(error)) from error
    judgement = judge(given, expected, labels, limits or LIMITS[variant])
    if expected_familiarity is None:
        found = dataclasses.asdict(judgement)
    else:
        _check_has_familiarity(filepath.name, familiarity)
        found = _with_familiarity(
            judgement, familiarity, expected_familiarity, variant
        )
    return Verification(
        name=filepath.name,
        variant=variant,
        bytes=len(contents),
        sha256=hashlib.sha256(contents).hexdigest(),
        integrity=integrity,
        operators=operators,
        pictures=len(images),
        **found,
    )


def _check_has_familiarity(name, given):
    if given is None:
        raise VerificationError(
            f"{name} must give two outputs, probabilities and familiarity. "
            "Received: probabilities only"
        )


def _with_familiarity(judgement, given, expected, variant):
    """Returns what was found, that on the familiarity as well."""
    difference, agreement, failure = judge_familiarity(given, expected, variant)
    return {
        **dataclasses.asdict(judgement),
        "familiarity_difference": difference,
        "familiarity_agreement": agreement,
        "familiarity_failure": failure,
        "failures": (*judgement.failures, *([failure] if failure else [])),
    }


def write_verified(filepath, contents, graph, pictures=4):
    """Writes a converted file under its name after verifying it.

    Args:
        filepath: Path of the file.
        contents: Bytes of the file.
        graph: The `InferenceGraph` that the file was converted from.
        pictures: Number of noise pictures to verify with. Defaults to `4`.

    Returns:
        A `Verification`.

    Raises:
        VerificationError: If the file differs too much from Keras.
    """
    filepath = pathlib.Path(filepath)
    size = (pictures, graph.image_size, graph.image_size, 3)
    images = np.random.default_rng(0).integers(0, 256, size, "uint8")
    with (
        naming(filepath),
        tempfile.TemporaryDirectory(
            prefix=HIDDEN_PREFIX, dir=filepath.parent
        ) as directory,
    ):
        written = pathlib.Path(directory) / filepath.name
        written.write_bytes(contents)
        verification = verify(written, images, graph.predict(images))
        verification.check()
        os.replace(written, filepath)
    return verification


def _check_arguments(images, expected, labels, variant):
    if expected.ndim != 2 or len(expected) != len(images):
        raise ValueError(
            "There must be a row of probabilities for each of the "
            f"{len(images)} pictures. Received: expected_probabilities of "
            f"shape {expected.shape}"
        )
    if labels is not None and np.shape(labels) != (len(images),):
        raise ValueError(
            f"There must be a label for each of the {len(images)} pictures. "
            f"Received: labels of shape {np.shape(labels)}"
        )
    if variant not in LIMITS:
        raise ValueError(
            f"`variant` must be one of {', '.join(LIMITS)}. "
            f"Received: variant={variant!r}"
        )


def _started(filepath, contents, time_limit):
    format_ = filepath.suffix[1:]
    try:
        return ChildClassifier(contents, format_, time_limit=time_limit)
    except ValueError as error:
        raise VerificationError(f"{filepath.name}: {error}") from error


def _check_operators(name, classifier):
    try:
        operators = classifier.operators
    except RuntimeError as error:
        raise VerificationError(f"{name} is broken: {error}") from error
    refused = [x for x in operators if ":" in x or x in _STATEFUL]
    if refused:
        raise VerificationError(
            f"{name} must use only operators that phones have. "
            f"Received: {', '.join(refused)}"
        )
    return operators


def _run(name, classifier, images, classes):
    if classifier.num_classes != classes:
        raise VerificationError(
            f"{name} must have as many classes as the Keras model, {classes}. "
            f"Received: {classifier.num_classes} classes"
        )
    try:
        given, familiarity = classifier.predict_with_familiarity(images)
    except RuntimeError as error:
        raise VerificationError(f"{name} does not run: {error}") from error
    finite = np.isfinite(given).all(axis=1)
    if familiarity is not None:
        finite &= np.isfinite(familiarity)
    if not finite.all():
        raise VerificationError(
            f"{name} must return finite numbers. Received: other numbers for "
            f"picture {int(np.argmin(finite))} of {len(images)}"
        )
    return given, familiarity
