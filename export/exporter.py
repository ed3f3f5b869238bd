"""Exports a Keras classifier to a folder for the phone."""

from __future__ import annotations

import importlib.metadata
import os
import warnings
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal

import numpy as np
import numpy.typing as npt

from kerasfg.export.frames.frame_size import check_frame_size
from kerasfg.export.frames.frame_size import choose_frame_size
from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.inference.known_models import is_own_model
from kerasfg.export.replaced_files import replaced_files
from kerasfg.export.report import Report
from kerasfg.export.runtime.contract import check_images
from kerasfg.export.self_test import describe_image
from kerasfg.export.self_test import self_test_image
from kerasfg.export.verification.limits import check_max_drop
from kerasfg.export.verification.plausibility import check_plausible
from kerasfg.export.wanted_files import need_calibration
from kerasfg.export.wanted_files import wanted_files
from kerasfg.export.write_files import FileWriter
from kerasfg.export.write_files import enlarged
from kerasfg.manifest import make_manifest
from kerasfg.manifest import write_manifest
from kerasfg.manifest_rules.kinds import is_unicode
from kerasfg.manifest_schema import check_metadata
from kerasfg.status import status

if TYPE_CHECKING:
    import keras

_PACKAGES = (
    "ai-edge-litert",
    "keras",
    "kerasfg",
    "litert-quantizer",
    "onnx",
    "onnxruntime",
    "tf2onnx",
)


def export(
    model: keras.Model,
    out: str | os.PathLike[str],
    images: npt.NDArray[np.uint8],
    formats: Sequence[str] = ("tflite", "onnx"),
    variants: Sequence[str] | Literal["all"] = (),
    labels: npt.ArrayLike | None = None,
    calibration: npt.NDArray[np.uint8] | None = None,
    frame_size: int | None = None,
    frames: npt.NDArray[np.uint8] | None = None,
    class_names: Sequence[str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    max_drop: float = 0.01,
    measure: bool = False,
    input_range: tuple[float, float] | None = None,
    output: Literal["probabilities", "logits"] | None = None,
    output_name: str | None = None,
    image_size: int | None = None,
    untrained: bool = False,
    clients: Callable | None = None,
    micro: bool = False,
    familiarity: Any = None,
) -> Report:
    """Exports a classifier, and verifies each file on real pictures.

    Writes `model.tflite` and `model.onnx` (float32, one picture at a time) and
    smaller variants such as `model_int8.tflite`. They take a frame, a picture
    larger than the network's input, and shrink it inside as training did. Each
    also has a version that takes the exact pixels of the network, such as
    `model_pixels32.tflite`, for an app that shrinks pictures itself as Pillow
    does. Also writes `labels.txt` (one class per line), `kerasfg.json` (what an
    app needs to know; `read_manifest`) and `report.json` and `report.md` (the
    results of the verification). They appear together after every file has run
    in its own runtime, in a process of its own. A smaller variant that
    exceeds its limits is left out and named. If anything else fails, or is
    interrupted, nothing is written, and an earlier export stays.

    Args:
        model: `keras.Model` from pictures `(batch, N, N, 3)` to its classes.
            A model in mixed precision is exported, and compared, in float32.
        out: Folder: a new or empty one, or that of an earlier export, whose
            files are replaced.
        images: Real pictures that the model was not trained on, uint8
            `(pictures, N, N, 3)`. 200 or more are a fair check.
        formats: Some of `"tflite"` and `"onnx"`. Defaults to both.
        variants: Some of the variants of `kerasfg.export.quantize`, or `"all"`.
            Defaults to `()`: float32 only.
        labels: Integer class of each picture, for the accuracy. Defaults to
            `None`: unknown.
        calibration: Training pictures that show the ranges of values to
            `"int8"`, `"mixed"` and `micro`, uint8 `(pictures, N, N, 3)`; see
            `calibration_rows`. Defaults to `None`.
        frame_size: Side of the frame in pixels, F: from N to 1024, and at
            most 100 N. With N nothing is shrunk inside. Defaults to `None`:
            that of `frames`, or else the largest multiple of N up to 256, or
            N if that is larger.
        frames: The same pictures as `images`, uint8 `(pictures, F, F, 3)`, made
            from the originals, such as by `kerasfg.data.shrink`. Defaults to
            `None`: the `images` are enlarged.
        class_names: Names in the order of the labels. Defaults to `None`,
            meaning `model.class_names`.
        metadata: Dictionary of further keys of `kerasfg.json`, described in
            `kerasfg.manifest_schema`: `name`,
            `description`, `author`, `license`, `version`, `crop`,
            `crop_fraction`, `temperature`, `threshold`, `class_attributes`,
            `accuracy`, `recipe`, and any others with JSON-serializable
            values. Defaults to `None`.
        max_drop: Accuracy that a quantized variant may lose. Defaults to
            `0.01`.
        measure: Whether to measure load time, memory and latency, and to
            recommend a file. Defaults to `False`.
        input_range: Pixel range of the input: `(0, 255)`, `(0, 1)` or
            `(-1, 1)`. Defaults to `None`: it is detected from a first
            `Rescaling` or `Normalization`, a uint8 input, KerasHub's
            preprocessor, or known for kerasfg's own models. The files take
            pixels from 0 to 255 in any case.
        output: `"probabilities"` or `"logits"`. Defaults to `None`: it is
            detected from the softmax of the last layer.
        output_name: The output to export if there are several: a key of the
            dictionary of outputs, or the name of a layer. Defaults to `None`.
        image_size: N, if the model takes pictures of any size. Defaults to
            `None`.
        untrained: Whether a model that kerasfg did not make may be no better
            than chance on `labels`. Defaults to `False`.
        clients: Function that tries files on what apps make of the original
            pictures, see `kerasfg.run.client_files.try_for_export`; it is
            called if `measure` is set. Defaults to `None`: that is not tried.
        micro: Whether to write the file for microcontrollers as well,
            `model_micro.tflite`, int8 in and out, and the same as a C array.
            Needs `calibration`. Defaults to `False`.
        familiarity: `kerasfg.evaluation.metrics.familiarity_head.Familiarity`
            of a model of kerasfg, a further output of the `.onnx` files and
            of the `.tflite` files for exact pixels. Defaults to `None`.

    Returns:
        A `Report`; its `manifest` is the content of `kerasfg.json`.

    Raises:
        ValueError: If the model cannot be exported, is no better than chance,
            or an argument is wrong. Then nothing is written.
        VerificationError: If a float32 file differs too much from Keras.

    Example:

    ```python
    model = keras.saving.load_model("run/model.keras")
    kerasfg.export.export(model, "exported", images[:200])
    ```
    """
    metadata = dict(metadata or {})
    check_metadata(metadata)
    wanted_files(formats, variants, micro=micro)  # raises an error
    check_max_drop(max_drop)
    with status("Reading the model") as show:
        graph = inference_graph(
            model, input_range, output, output_name, image_size, familiarity
        )
        class_names = _check_class_names(model, class_names, graph.num_classes)
        files = wanted_files(formats, variants, graph.image_size, micro)
        images = check_images(images, graph.image_size)
        frames = _frames(frames, frame_size, images)
        labels = _check_labels(labels, len(images), graph.num_classes)
        if need_calibration(files):
            calibration = _check_calibration(calibration, graph.image_size)
        image = self_test_image(graph)
        manifest = make_manifest(
            graph.image_size,
            class_names,
            {"name": graph.model.name, **metadata},
            describe_image(image),
            _versions(),
            frames.shape[1],
        )
        with replaced_files(out) as directory:
            writer = FileWriter(
                graph,
                manifest,
                images,
                frames,
                labels,
                calibration,
                image,
                max_drop,
            )
            if labels is not None and not untrained:
                _check_answers(model, labels, writer.expected, class_names)
            report = Report(
                manifest,
                writer.keras_accuracy,
                None if calibration is None else len(calibration),
            )
            _write_files(writer, files, directory, report, show)
            report.shrinking = writer.describe_frames()
            if measure:
                report.measure(directory, images, graph.as_model(), show)
                if clients is not None:
                    report.try_clients(directory, clients, show)
            report.remove_refused(directory)
            write_manifest(report.manifest, directory)
            report.write(directory)
    return report


def _write_files(writer, files, directory, report, show):
    for i, file in enumerate(files, 1):
        number = f"({i} of {len(files)})"
        writer.write(
            file,
            directory,
            report,
            lambda text, number=number: show(f"{text} {number}"),
        )


def _frames(frames, frame_size, images):
    """Returns the frames of the pictures: those given, or enlarged ones."""
    size = images.shape[1]
    if frame_size is None and frames is not None and np.ndim(frames) == 4:
        frame_size = np.shape(frames)[1]
    if frame_size is None:
        frame_size = choose_frame_size(size)
    check_frame_size(frame_size, size)
    if frames is None:
        return images if frame_size == size else enlarged(images, frame_size)
    frames = check_images(frames, frame_size, "frames")
    if len(frames) != len(images):
        raise ValueError(
            "There must be a frame of each picture. "
            f"Received: {len(frames)} frames of {len(images)} images"
        )
    return frames


def _check_class_names(model, class_names, num_classes):
    if class_names is None:
        class_names = getattr(model, "class_names", None)
    if class_names is None:
        raise ValueError(
            "The model has no names of its classes: give "
            "`class_names`. Received: class_names=None"
        )
    class_names = tuple(str(name) for name in class_names)
    if len(class_names) != num_classes:
        raise ValueError(
            f"The model has {num_classes} classes, and each must have a name. "
            f"Received: {len(class_names)} class_names"
        )
    for name in class_names:
        if not is_unicode(name):
            raise ValueError(
                "The name of a class must be text that can be written as "
                "UTF-8, as it is in labels.txt: give it another name. "
                f"Received: class_names={class_names}"
            )
        if not name.strip() or len(name.splitlines()) > 1:
            raise ValueError(
                "The name of a class must be one line of text, as it is in "
                f"labels.txt. Received: {name!r}"
            )
    if len(set(class_names)) < num_classes:
        raise ValueError(
            "Two classes must not have the same name. "
            f"Received: class_names={class_names}"
        )
    return class_names


def _check_labels(labels, pictures, num_classes):
    if labels is None:
        return None
    labels = np.asarray(labels)
    if (
        labels.shape != (pictures,)
        or labels.dtype.kind not in "iu"
        or labels.min() < 0
        or labels.max() >= num_classes
    ):
        raise ValueError(
            f"`labels` must be {pictures} integers from 0 to "
            f"{num_classes - 1}, one for each picture. "
            f"Received: {labels.dtype} {labels.shape}"
        )
    return labels


def _check_answers(model, labels, probabilities, class_names):
    """Refuses a model that is no better than chance; of kerasfg it warns."""
    try:
        check_plausible(labels, probabilities, class_names, "class_names")
    except ValueError as error:
        if not is_own_model(model):
            raise
        warnings.warn(str(error), stacklevel=3)


def _check_calibration(calibration, image_size):
    if calibration is None:
        raise ValueError(
            "int8, mixed and micro need training pictures that show the ranges "
            "of values: give `calibration`; `calibration_rows` picks some. "
            "Received: calibration=None"
        )
    return check_images(calibration, image_size)


def _versions():
    import tensorflow as tf

    # TensorFlow is installed under several names.
    versions = {x: importlib.metadata.version(x) for x in _PACKAGES}
    return {**versions, "tensorflow": tf.__version__}
