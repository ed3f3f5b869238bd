"""The proof of an exported file: run it, and compare it with Keras."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pathlib
import tempfile

import numpy as np
import numpy.typing as npt

from kerasfg.export.runtime.child import TIME_LIMIT
from kerasfg.export.runtime.child import ChildClassifier
from kerasfg.export.runtime.file_contents import check_metadata
from kerasfg.export.runtime.file_contents import read_contents
from kerasfg.export.verification.judgement import judge
from kerasfg.export.verification.limits import LIMITS
from kerasfg.export.verification.limits import Limits

# Builtin, but they need state that the browser runtimes do not keep.
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
    """An exported file does not do what the Keras model does."""


@dataclasses.dataclass(frozen=True)
class Verification:
    """What was found about a file that runs.

    Attributes:
        name: Name of the file.
        variant: Such as `"float32"` or `"int8"`.
        bytes: Size of the file.
        sha256: Its hash, as hexadecimal digits.
        integrity: `"checked"` if the `kerasfg.json` beside the file has that
            hash, `"unknown"` if it does not list the file, or is not there.
        operators: Sorted tuple of the operators that it uses.
        pictures: Number of pictures that it was run on.
        max_difference: Largest difference of a probability from Keras's.
        mean_difference: Mean difference of a probability.
        top_1_agreement: Share of the pictures whose top class is Keras's own.
            Where there is a limit to both agreement and difference, classes
            that Keras tells apart by less than that difference count as one.
        accuracy: Share of the pictures that it is right for, or `None` where
            there are no labels.
        keras_accuracy: Share that Keras is right for, or `None`.
        failures: Why it is out of its limits, one sentence each; empty if it
            passed.
        notes: What must be known to read the numbers, one sentence each.
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
    failures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the file keeps to its limits."""
        return not self.failures

    def check(self) -> None:
        """Raises `VerificationError` if the file is out of its limits."""
        if self.failures:
            raise VerificationError(
                f"{self.name} does not give what Keras gives. "
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
) -> Verification:
    """Runs an exported file in its own runtime and compares it with Keras.

    It runs in another process, with limits of time and memory, after its
    SHA-256 has been checked. A file that runs, but is out of its limits, is
    reported in `failures`.

    | variant | must keep |
    | --- | --- |
    | `"float32"` | each probability to 1e-4, and each top class |
    | `"float16"` | each probability to 1e-2 |
    | `"dynamic"`, `"int8"`, `"mixed"` | the accuracy to one point |

    Without labels the top classes stand in for the accuracy: 99 % must be
    Keras's. Where Keras itself is less than 20 points above chance, classes do
    not count, and a variant that is judged by them fails.

    Args:
        filepath: `.tflite` or `.onnx` file.
        images: uint8 `(pictures, N, N, 3)`, at least one; 200 real ones or more
            are a fair check.
        expected_probabilities: What Keras gives for them,
            `(pictures, classes)`.
        labels: Integer classes of the pictures, `(pictures,)`. Defaults to
            `None`: unknown.
        variant: Which limits are meant. Defaults to `"float32"`.
        limits: `Limits`. Defaults to `None`: `LIMITS[variant]`.
        time_limit: Seconds until an answer, to loading the file or to 16
            pictures. Defaults to `120`.

    Returns:
        A `Verification`.

    Raises:
        VerificationError: If the file is not the one that `kerasfg.json` lists,
            does not load or run, uses operators that are not builtin, has other
            classes, gives numbers that are not finite, or carries metadata that
            is broken.
        ValueError: If the arguments do not fit.

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
        given = _run(filepath.name, classifier, images, expected.shape[1])
    try:
        check_metadata(filepath, contents)
    except ValueError as error:
        raise VerificationError(str(error)) from error
    judgement = judge(given, expected, labels, limits or LIMITS[variant])
    return Verification(
        name=filepath.name,
        variant=variant,
        bytes=len(contents),
        sha256=hashlib.sha256(contents).hexdigest(),
        integrity=integrity,
        operators=operators,
        pictures=len(images),
        **dataclasses.asdict(judgement),
    )


def write_verified(filepath, contents, graph, pictures=4):
    """Writes a converted file, which gets its name once it has passed.

    Args:
        filepath: Path of the file.
        contents: Its bytes.
        graph: The `InferenceGraph` it was converted from.
        pictures: Number of pictures of noise to check with. Defaults to `4`.

    Returns:
        A `Verification`.
    """
    filepath = pathlib.Path(filepath)
    size = (pictures, graph.image_size, graph.image_size, 3)
    images = np.random.default_rng(0).integers(0, 256, size, "uint8")
    with tempfile.TemporaryDirectory(
        prefix=".kerasfg-", dir=filepath.parent
    ) as directory:
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
            f"{name} needs operators that the phone does not have. "
            f"Received: {', '.join(refused)}"
        )
    return operators


def _run(name, classifier, images, classes):
    if classifier.num_classes != classes:
        raise VerificationError(
            f"{name} does not have the classes that Keras has. "
            f"Received: {classifier.num_classes} classes, not {classes}"
        )
    try:
        given = classifier.predict(images)
    except RuntimeError as error:
        raise VerificationError(f"{name} does not run: {error}") from error
    finite = np.isfinite(given).all(axis=1)
    if not finite.all():
        raise VerificationError(
            f"{name} gives numbers that are not finite. Received: picture "
            f"{int(np.argmin(finite))} of {len(images)}"
        )
    return given
