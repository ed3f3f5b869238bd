"""A Keras classifier in, a folder for the phone out."""

import contextlib
import importlib.metadata
import os

from rich.console import Console

from kerasfg.export.folder import replaced_files
from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.manifest import check_metadata
from kerasfg.export.manifest import make_manifest
from kerasfg.export.manifest import write_manifest
from kerasfg.export.onnx import convert_onnx
from kerasfg.export.runtime.contract import check_images
from kerasfg.export.tflite import convert_tflite
from kerasfg.export.verify import TOLERANCE
from kerasfg.export.verify import verify

FORMATS = {"tflite": convert_tflite, "onnx": convert_onnx}
_PACKAGES = (
    "ai-edge-litert",
    "keras",
    "kerasfg",
    "onnx",
    "onnxruntime",
    "tf2onnx",
)


def export(
    model,
    out,
    images,
    formats=("tflite", "onnx"),
    class_names=None,
    metadata=None,
    tolerance=TOLERANCE,
    input_range=None,
    output=None,
    output_name=None,
):
    """Exports a classifier, and proves each file on real pictures.

    Writes `model.tflite` and `model.onnx` (float32, one picture at a time),
    `labels.txt` (one class per line) and `kerasfg.json` (picture size, crop,
    filter, classes, hashes, what was verified). All of them appear together
    once every file has run in its own runtime and given what Keras gives; when
    anything fails, or is interrupted, the export that was there before stays.

    Args:
        model: `keras.Model` from pictures `(batch, N, N, 3)` to its classes.
            A model in mixed precision is exported, and compared, in float32.
        out: Folder: a new or empty one, or that of an export before, whose
            files are replaced.
        images: Real pictures as the model was trained on, uint8
            `(pictures, N, N, 3)`. 20 or more are a fair check.
        formats: Some of `"tflite"` and `"onnx"`. Defaults to both.
        class_names: Names in the order of the labels. Defaults to `None`,
            meaning `model.class_names`.
        metadata: Dictionary that goes into `kerasfg.json`: `crop` (`"center"`,
            the default, or `"whole"`), `temperature`, `threshold`, and
            whatever else JSON can hold. Defaults to `None`.
        tolerance: Largest difference of a probability from Keras's. Defaults
            to `1e-4`.
        input_range: The numbers that the model takes: `(0, 255)`, `(0, 1)` or
            `(-1, 1)`. Defaults to `None`: as the model shows by a first
            `Rescaling` or `Normalization`, a uint8 input, KerasHub's
            preprocessor, or being kerasfg's own. The files take pixels from 0
            to 255 in any case.
        output: `"probabilities"` or `"logits"`. Defaults to `None`: as the last
            layer shows by its softmax.
        output_name: The output to export, where there are several: a key of
            the dictionary of outputs, or the name of a layer. Defaults to
            `None`.

    Returns:
        The content of `kerasfg.json`.

    Raises:
        ValueError: If the model or an argument cannot be exported. Nothing has
            been written then.
        VerificationError: If a file does not give what Keras gives.

    Example:

    ```python
    model = keras.saving.load_model("run/model.keras")
    kerasfg.export.export(model, "exported", images[:30])
    ```
    """
    metadata = dict(metadata or {})
    check_metadata(metadata)
    formats = _check_formats(formats)
    with _status() as say:
        say("Reading the model")
        graph = inference_graph(model, input_range, output, output_name)
        class_names = _check_class_names(model, class_names, graph.num_classes)
        images = check_images(images, graph.image_size)
        expected = graph.predict(images)
        with replaced_files(out) as directory:
            files = {}
            for name in formats:
                filepath = directory / f"model.{name}"
                say(f"Converting to {filepath.name}")
                filepath.write_bytes(FORMATS[name](graph))
                say(f"Running {filepath.name} on {len(images)} pictures")
                files[filepath.name] = verify(
                    filepath, images, expected, tolerance
                )
            manifest = make_manifest(
                graph, class_names, metadata, files, _versions()
            )
            write_manifest(manifest, directory)
    return manifest


def _check_formats(formats):
    formats = (formats,) if isinstance(formats, str) else tuple(formats)
    if not formats or set(formats) - set(FORMATS):
        raise ValueError(
            f"`formats` must be some of {', '.join(FORMATS)}. "
            f"Received: formats={formats}"
        )
    return tuple(dict.fromkeys(formats))


def _check_class_names(model, class_names, num_classes):
    if class_names is None:
        class_names = getattr(model, "class_names", None)
    if class_names is None:
        raise ValueError(
            "The model does not know what its classes are called: give "
            "`class_names`. Received: class_names=None"
        )
    class_names = tuple(str(name) for name in class_names)
    if len(class_names) != num_classes:
        raise ValueError(
            f"The model has {num_classes} classes, and each must have a name. "
            f"Received: {len(class_names)} class_names"
        )
    for name in class_names:
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


def _versions():
    import tensorflow as tf

    # TensorFlow is installed under several names.
    versions = {x: importlib.metadata.version(x) for x in _PACKAGES}
    return {**versions, "tensorflow": tf.__version__}


@contextlib.contextmanager
def _status():
    """Gives a function that says which step is on, where stderr is seen."""
    # A descriptor of its own, since the converters' noise is turned away.
    with os.fdopen(os.dup(2), "w", encoding="utf-8") as stream:
        console = Console(file=stream)
        with console.status("Exporting") as status:
            yield status.update
