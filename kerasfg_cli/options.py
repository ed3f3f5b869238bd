"""Options and helpers of several commands."""

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.app import error_console
from kerasfg_cli.text import visible

Json = Annotated[
    bool, typer.Option("--json", help="Print JSON for another program.")
]
Run = Annotated[Path, typer.Argument(help="Run folder of a training.")]
MovedData = Annotated[
    list[str] | None,
    typer.Option(
        metavar="<place>",
        help="Place of the pictures, as `--data` of `kerasfg train` takes it, "
        "if they have moved; may be repeated.",
    ),
]
Attributes = Annotated[
    str | None,
    typer.Option(
        metavar="<path>",
        help="Attribute table, as `--attributes` of `kerasfg train` takes it. "
        "Default: that of the training.",
    ),
]
Attribute = Annotated[
    list[str] | None,
    typer.Option(
        metavar="<name>",
        help="Name of an attribute in the table; may be repeated. Default: all "
        "that distinguish classes.",
    ),
]


_TITLES = {"tensorflow": "TensorFlow", "jax": "JAX"}
# What TensorFlow, Keras and KerasHub import if it is installed, for what no
# command asks of them: a third of the time of their import, and 200 MB.
_UNUSED = {"jax", "matplotlib.pyplot", "pandas", "sklearn", "tensorflow_text"}


@contextlib.contextmanager
def without_stderr():
    """Discards stderr while C++ libraries log on import."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@contextlib.contextmanager
def without_collection():
    """Collects no garbage while packages are imported, nor in them later.

    TensorFlow and Keras make some 800,000 objects and hardly any garbage:
    looking for it takes a fifth of the time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class _Absent:
    """Finder of modules to which some are not installed."""

    def __init__(self, names):
        self.names = names

    def find_spec(self, name, path=None, target=None):
        if name in self.names:
            raise ModuleNotFoundError(f"{name} is not used here", name=name)


@contextlib.contextmanager
def without_unused_packages(*wanted):
    """Lets packages be imported as if what they do not need were not installed.

    Args:
        *wanted: Names of packages that are there nevertheless.
    """
    finder = _Absent(_UNUSED.difference(wanted))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def load_backend(*names):
    """Imports the backend of Keras, then as `load`.

    Args:
        *names: Names of further packages.
    """
    load(os.environ.get("KERAS_BACKEND", "tensorflow"), *names)


def load(*names):
    """Imports the slow packages with a status line, then `kerasfg` itself.

    Args:
        *names: Names of the packages.
    """
    register_bare_package()
    from kerasfg.status import status

    title = _TITLES.get(names[0], names[0])
    with (
        status(f"Loading {title} ...", redirect=False),
        without_stderr(),
        without_collection(),
    ):
        with without_unused_packages(*names):
            for name in names:
                importlib.import_module(name)
        package = importlib.import_module("kerasfg")
        if not hasattr(package, "__all__"):
            package.__spec__.loader.exec_module(package)
        from kerasfg.freed_memory import keep_freed_memory
    keep_freed_memory()


def register_bare_package():
    """Registers `kerasfg` without running its `__init__.py`.

    Its modules can then be imported without importing Keras. `load` runs the
    `__init__.py` later.
    """
    if "kerasfg" not in sys.modules:
        spec = importlib.util.find_spec("kerasfg")
        sys.modules["kerasfg"] = importlib.util.module_from_spec(spec)


def print_json(value, indent=2):
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    # A lone surrogate, of a name that is not UTF-8, becomes JSON's \udcXX.
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    sys.stdout.write(f"{text}\n")


def whole_numbers(text, option):
    try:
        return [int(number) for number in text.split(",")] if text else []
    except ValueError:
        raise typer.BadParameter(
            f"whole numbers separated by commas, not {text!r}",
            param_hint=option,
        ) from None


def has_begun(run):
    """Returns whether a training can be resumed.

    Args:
        run: Its run folder, or `None`.
    """
    return bool(run) and (Path(run) / "recipe.toml").exists()


def hint_at_folds(report, data):
    """Prints advice if there are too few test pictures for a precise accuracy.

    Args:
        report: The report of a run.
        data: The section of its recipe.
    """
    from kerasfg.evaluation.report.folds import is_wide

    if data.folds or not is_wide(report):
        return
    low, high = report["test"]["top_1_interval"]
    error_console.print(
        f"With {report['test']['n']:d} test pictures the 95 % interval of the "
        f"accuracy is {100 * (high - low):.0f} points wide: `kerasfg train "
        "--folds 5`, in another folder, would test every picture once and "
        "narrow it.",
        markup=False,
        soft_wrap=True,
    )


def hint_at_resume(run):
    """Prints how to resume an interrupted training.

    Args:
        run: Its run folder, or `None`.
    """
    if has_begun(run):
        error_console.print(
            f"\nResume it by: kerasfg train --resume {visible(run)}",
            markup=False,
        )
    elif run is not None:
        error_console.print(
            "\nStopped before the training began. Pixels and views that were "
            "made are kept: run the same command again.",
            markup=False,
        )
