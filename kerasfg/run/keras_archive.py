"""Checks the parts of a .keras file before Keras reads it."""

import dataclasses
import json
import pathlib
import zipfile

from kerasfg.run.model_format import check_format
from kerasfg.run.model_format import refusal

MAX_CONFIG_BYTES = 64 * 2**20
_MAX_PARTS = 10_000
_MAX_DEPTH = 200
_MAX_RATIO = 100  # of the size of a part to its size in the file
_SMALL = 64 * 2**20  # a part up to this may be of any ratio
_OF_KERAS = {"keras", "keras_hub", "keras_cv", "keras_nlp", "builtins"}
_SAVE_AGAIN = "copy or download it again, or save it again"


@dataclasses.dataclass(frozen=True)
class KerasArchive:
    """What a `.keras` file stores about itself.

    Attributes:
        config: The configuration of the model, a dictionary.
        weight_bytes: Size of its weights when unpacked.
        classes: Names of classes that are not Keras's, in their order, as
            registered or else with their module.
    """

    config: dict
    weight_bytes: int
    classes: tuple[str, ...]


def read_archive(path):
    """Reads what a `.keras` file stores about itself; nothing in it is run.

    Args:
        path: Path of anything.

    Returns:
        A `KerasArchive`.

    Raises:
        ValueError: If it is not a `.keras` file, is damaged, has parts of one
            name, unpacks to far more than it holds, or its configuration does
            not describe a model.
    """
    path = pathlib.Path(path)
    check_format(path)
    if path.suffix != ".keras":
        raise refusal(path, "one with another ending", "rename it to .keras")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_parts(path, archive.infolist())
            damaged = archive.testzip()
            if damaged:
                raise refusal(path, f"damaged in '{damaged}'", _SAVE_AGAIN)
            contents = archive.read("config.json")
            weights = sum(
                part.file_size
                for part in archive.infolist()
                if part.filename.startswith("model.weights.")
            )
    except ValueError:
        raise
    except Exception as error:  # zipfile raises many types for a damaged file
        raise refusal(path, "damaged", _SAVE_AGAIN) from error
    config, classes = _check_config(path, contents)
    return KerasArchive(config, weights, classes)


def _check_parts(path, parts):
    names = [part.filename for part in parts]
    if len(names) > _MAX_PARTS:
        raise refusal(path, f"a zip file of {len(names)} parts", _SAVE_AGAIN)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise refusal(
            path, f"a zip file with two parts named '{twice}'", _SAVE_AGAIN
        )
    for part in parts:
        size = part.file_size
        if size > max(_SMALL, _MAX_RATIO * part.compress_size) or (
            part.filename == "config.json" and size > MAX_CONFIG_BYTES
        ):
            raise refusal(
                path,
                f"a zip file whose part '{part.filename}' unpacks to {size} "
                "bytes, more than a model needs",
                "do not use it",
            )


def _check_config(path, contents):
    """Returns the configuration and the classes of others in it."""
    save = "save the model by `model.save('model.keras')`"
    try:
        config = json.loads(contents.decode("utf-8"))
    except (ValueError, RecursionError):
        raise refusal(path, "one whose config.json is not JSON", save) from None
    if not (
        isinstance(config, dict)
        and isinstance(config.get("class_name"), str)
        and isinstance(config.get("config"), dict)
    ):
        raise refusal(
            path, "one whose config.json describes no Keras object", save
        )
    classes = {}
    for value, depth in _walk(config):
        if depth > _MAX_DEPTH:
            raise refusal(
                path,
                f"one whose config.json is nested more than {_MAX_DEPTH} deep",
                "do not use it",
            )
        name = isinstance(value, dict) and value.get("class_name")
        if not isinstance(name, str):
            continue
        if name == "__lambda__":
            raise refusal(
                path,
                "one with a Lambda layer, whose Python code is not run "
                "(lambdas are refused)",
                "write the layer as a class of `keras.ops`, registered with "
                "Keras, or load the model in Python and pass it instead of the "
                "file",
            )
        other = _of_others(value)
        if other:
            classes[other] = None
    return config, tuple(classes)


def _walk(config):
    """Yields each dictionary and list inside, with its depth."""
    waiting = [(config, 0)]
    while waiting:
        value, depth = waiting.pop()
        yield value, depth
        parts = value.values() if isinstance(value, dict) else value
        waiting += [
            (part, depth + 1)
            for part in parts
            if isinstance(part, (dict, list))
        ]
    return


def _of_others(value):
    """Returns the name of a class that is not Keras's, or `None`."""
    module, name = value.get("module"), value.get("class_name")
    registered = value.get("registered_name")
    if name.startswith("__") or not isinstance(module, (str, type(None))):
        return None
    if str(module).split(".")[0] in _OF_KERAS or "module" not in value:
        return None
    if isinstance(registered, str) and ">" in registered:
        return registered
    return f"{module}.{name}" if module else name
