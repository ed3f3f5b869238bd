"""Loads a .keras file of any origin; any problem is an error in one line."""

import concurrent.futures
import math
import pathlib

import keras

from kerasfg.export.inference.classifier import check_weights
from kerasfg.one_line import one_line
from kerasfg.run.keras_archive import read_archive
from kerasfg.run.model_format import refusal
from kerasfg.status import status

# Any model may have this many, for any size of its file.
_FEW_WEIGHTS = 1_000_000


def load_keras(path, verbose=True):
    """Loads a model without running code of the file.

    Args:
        path: Path of a `.keras` file.
        verbose: Whether to show progress. Defaults to `True`.

    Returns:
        `keras.Model`, not compiled, whose weights are finite numbers.

    Raises:
        ValueError: If it is another file, is damaged, is hostile, needs a
            class that is not there, or has weights that are not finite.
    """
    path = pathlib.Path(path)
    with status("Loading the model", verbose):
        archive = read_archive(path)
        _check_classes(path, archive.classes)
        _check_weight_count(path, archive)
        try:
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
        except MemoryError as error:
            raise refusal(
                path, "a model that needs more memory than there is", "use less"
            ) from error
        except Exception as error:  # of many types, for a damaged file
            raise _not_loaded(path, error) from error
        if not isinstance(model, keras.Model):
            raise refusal(
                path,
                f"a Keras object of the class {type(model).__name__}, not a "
                "model",
                "save a `keras.Model`",
            )
        check_weights(model, path)
    return model


def _check_classes(path, classes):
    """Checks that the classes of others are registered with Keras."""
    missing = [
        name
        for name in classes
        if keras.saving.get_registered_object(name) is None
    ]
    if not missing:
        return
    short = [name.rpartition(">")[2].rpartition(".")[2] for name in missing]
    given = ", ".join(f'"{name}": {name}' for name in short)
    raise refusal(
        path,
        f"one that needs {', '.join(missing)}, which Keras does not have here",
        "in Python, import it, load the model by keras.saving.load_model("
        f"'{path.name}', custom_objects={{{given}}}) and pass the model to "
        "`kerasfg.evaluate` or `kerasfg.export.export`",
    )


def _check_weight_count(path, archive):
    """Checks, before there is memory for them, how many weights there are."""
    config = {k: v for k, v in archive.config.items() if k != "compile_config"}
    # Keras keeps its list of variables without a value by thread.
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        count = thread.submit(_weight_count, config).result()
    if count > max(_FEW_WEIGHTS, 4 * archive.weight_bytes):
        raise refusal(
            path,
            f"one that describes {count} weights, but holds "
            f"{archive.weight_bytes} bytes of them",
            "do not use it",
        )


def _weight_count(config):
    """Returns the number of weights, or 0 where Keras does not build it."""
    try:
        # Variables get a shape, but no value.
        with keras.StatelessScope(initialize_variables=False):
            model = keras.saving.deserialize_keras_object(
                config, safe_mode=True
            )
        return sum(math.prod(map(int, w.shape)) for w in model.weights)
    except Exception:
        return 0  # some layers need values; loading reports what is wrong


def _not_loaded(path, error):
    return ValueError(
        "The model does not load. A damaged file must be copied or saved "
        "again; layers of another package must be registered with Keras: "
        f"{_reason(error)} Received: model={str(path)!r}"
    )


def _reason(error):
    text = one_line(error).partition(" Full object config:")[0]
    return text if text.endswith((".", "…")) else f"{text}."
