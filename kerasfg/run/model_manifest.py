"""The kerasfg.json of a model file, which must not contradict the model."""

import json

from kerasfg.export.metadata import read_metadata
from kerasfg.export.onnx_metadata import read_onnx_metadata
from kerasfg.export.runtime.file_contents import read_contents
from kerasfg.manifest import MANIFEST
from kerasfg.manifest import input_side
from kerasfg.manifest import read_manifest
from kerasfg.manifest_schema import as_current
from kerasfg.manifest_schema import check_manifest

_SAME = ("class_names", "crop", "crop_fraction", "temperature", "threshold")


def model_manifest(file, image_size, num_classes, class_names=None):
    """Reads the description of a model, next to the file and inside it.

    Args:
        file: `Path` of a `.keras`, `.tflite` or `.onnx` file.
        image_size: Side of the pictures that it takes.
        num_classes: Number of its outputs.
        class_names: Names of the classes in a `.keras` file, or `None`.

    Returns:
        Dictionary as `kerasfg.manifest_schema` describes it, or `None` if
        there is none.

    Raises:
        ValueError: If one is broken, does not fit the model, or the two differ.
    """
    outside = read_manifest(file.parent)
    if file.suffix == ".keras":
        # A model of another name does not belong to a run in the same folder.
        outside = outside if file.name == "model.keras" else None
        inside = None
    else:
        inside = manifest_inside(file)
        listed = outside is not None and file.name in outside["files"]
        outside = outside if listed or inside is None else None
    for manifest in filter(None, (outside, inside)):
        _check(file, manifest, num_classes, class_names)
    if inside and outside:
        _check_same(file, inside, outside)
    manifest = inside or outside
    if manifest and input_side(manifest) != image_size:
        raise _contradiction(
            file, "image_size", input_side(manifest), image_size
        )
    return outside or inside


def _check(file, manifest, num_classes, class_names):
    names = manifest["class_names"]
    if len(names) != num_classes:
        raise _contradiction(
            file, "class_names", f"{len(names)} names", f"{num_classes} classes"
        )
    if class_names is not None and list(class_names) != names:
        raise _contradiction(file, "class_names", names, list(class_names))


def _check_same(file, inside, outside):
    for key in _SAME:
        if inside[key] != outside[key]:
            raise _contradiction(file, key, outside[key], inside[key])


def _contradiction(file, key, stated, found):
    return ValueError(
        f"{MANIFEST} must be that of the model: train or export it again. "
        f"Received: {key}={stated} in {MANIFEST}, but {found} in {file}"
    )


def manifest_inside(file):
    """Reads the `kerasfg.json` inside an exported file.

    Args:
        file: `Path` of a `.tflite` or `.onnx` file.

    Returns:
        Dictionary as `kerasfg.manifest_schema` describes it, or `None` if
        there is none.

    Raises:
        ValueError: If it is broken.
    """
    contents, _ = read_contents(file)
    try:
        if file.suffix == ".tflite":
            files = (read_metadata(contents) or {}).get("files", {})
            text = files.get(MANIFEST)
        else:
            text = read_onnx_metadata(contents).get(MANIFEST)
        if text is None:
            return None
        manifest = as_current(json.loads(text))
        check_manifest(manifest)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file}: the model is broken: {error}") from error
    return manifest
