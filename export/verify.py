"""The proof of an exported file: run it, and compare it with Keras."""

import dataclasses
import hashlib
import os
import pathlib
import tempfile

import numpy as np

from kerasfg.export.runtime.load import load

TOLERANCE = 1e-4
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
    """What was found about a file that passed.

    Attributes:
        bytes: Size of the file.
        sha256: Its hash, as hexadecimal digits.
        operators: Sorted tuple of the operators that it uses.
        pictures: Number of pictures that it was run on.
        max_difference: Largest difference of a probability from Keras's.
        mean_difference: Mean difference of a probability.
        top_1_agreement: Share of the pictures whose top class is Keras's own.
            Where Keras's two top probabilities differ by less than the
            tolerance, either of them agrees.
    """

    bytes: int
    sha256: str
    operators: tuple[str, ...]
    pictures: int
    max_difference: float
    mean_difference: float
    top_1_agreement: float


def verify(filepath, images, expected_probabilities, tolerance=TOLERANCE):
    """Runs an exported file in its own runtime and compares it with Keras.

    Args:
        filepath: `.tflite` or `.onnx` file.
        images: uint8 `(pictures, N, N, 3)`, at least one; 20 real ones or more
            are a fair check.
        expected_probabilities: What Keras gives for them,
            `(pictures, classes)`.
        tolerance: Largest difference of a probability. Defaults to `1e-4`.

    Returns:
        A `Verification`.

    Raises:
        VerificationError: If the file does not load, uses operators that are
            not builtin, gives numbers that are not finite, differs by more than
            `tolerance`, or changes a top class; says which picture.
        ValueError: If `images` and `expected_probabilities` do not fit.

    Example:

    ```python
    expected = model.predict(images)
    verification = verify("model.tflite", images, expected)
    verification.max_difference  # 1.2e-07
    ```
    """
    filepath = pathlib.Path(filepath)
    expected = np.asarray(expected_probabilities, "float32")
    try:
        classifier = load(filepath)
    except ValueError as error:
        raise VerificationError(str(error)) from error
    _check_operators(filepath.name, classifier.operators)
    if expected.ndim != 2 or len(expected) != len(images):
        raise ValueError(
            "There must be a row of probabilities for each of the "
            f"{len(images)} pictures. Received: expected_probabilities of "
            f"shape {expected.shape}"
        )
    if expected.shape[1] != classifier.num_classes:
        raise VerificationError(
            f"{filepath.name} does not have the classes that Keras has. "
            f"Received: {classifier.num_classes} classes, "
            f"not {expected.shape[1]}"
        )
    given = _run(filepath.name, classifier, images)
    difference = np.abs(given - expected)
    _check_difference(filepath.name, difference, tolerance)
    _check_top_1(filepath.name, given, expected, tolerance)
    contents = filepath.read_bytes()
    return Verification(
        bytes=len(contents),
        sha256=hashlib.sha256(contents).hexdigest(),
        operators=classifier.operators,
        pictures=len(images),
        max_difference=float(difference.max()),
        mean_difference=float(difference.mean()),
        top_1_agreement=1.0,
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
        os.replace(written, filepath)
    return verification


def _check_operators(name, operators):
    refused = [x for x in operators if ":" in x or x in _STATEFUL]
    if refused:
        raise VerificationError(
            f"{name} needs operators that the phone does not have. "
            f"Received: {', '.join(refused)}"
        )


def _run(name, classifier, images):
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


def _check_difference(name, difference, tolerance):
    worst = int(np.argmax(difference.max(axis=1)))
    if not difference[worst].max() <= tolerance:
        raise VerificationError(
            f"{name} does not give what Keras gives: a probability of picture "
            f"{worst} of {len(difference)} differs by "
            f"{difference[worst].max():.2g}. Received: tolerance={tolerance}"
        )


def _check_top_1(name, given, expected, tolerance):
    second, first = np.sort(expected, axis=1)[:, -2:].T
    changed = given.argmax(axis=1) != expected.argmax(axis=1)
    changed &= first - second >= tolerance
    if changed.any():
        raise VerificationError(
            f"{name} names another class than Keras for "
            f"{changed.sum()} of {len(changed)} pictures, first for picture "
            f"{int(np.argmax(changed))}."
        )
