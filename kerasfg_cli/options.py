"""What several commands share."""

import contextlib
import importlib
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.app import error_console

Json = Annotated[
    bool, typer.Option("--json", help="Print JSON, for another program.")
]
Run = Annotated[Path, typer.Argument(help="Run folder of a training.")]
MovedData = Annotated[
    Path | None,
    typer.Option(help="Where the pictures are now, if they have moved."),
]
Attributes = Annotated[
    str | None,
    typer.Option(
        metavar="<path>",
        help="What the classes are like: a CSV file, a folder of AwA2's files, "
        "`field_guide`, or `awa2:DIR`, `cub200:DIR`, `deepfashion:DIR`. "
        "Without: what the run was trained with.",
    ),
]
Attribute = Annotated[
    list[str] | None,
    typer.Option(
        metavar="<name>",
        help="One of these; may be repeated. Without: all that divide the "
        "classes.",
    ),
]


@contextlib.contextmanager
def quiet():
    """Turns stderr away while C++ libraries greet the user on import."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def load(*names):
    """Imports what takes seconds, saying so, and the whole of the package."""
    with _status("Loading TensorFlow ..."), quiet():
        for name in names:
            importlib.import_module(name)
        package = importlib.import_module("kerasfg")
        if not hasattr(package, "__all__"):
            package.__spec__.loader.exec_module(package)
        from kerasfg.freed_memory import keep_freed_memory
    keep_freed_memory()


@contextlib.contextmanager
def _status(text):
    """Shows a line while something runs, if somebody is at a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    sys.stderr.write(text)
    try:
        yield
    finally:
        sys.stderr.write("\r\x1b[2K")
        sys.stderr.flush()


def package_without_keras():
    """Puts the package in its place, without running its `__init__.py`.

    Its modules can then be imported without those that need Keras; `load`
    makes up for the rest.
    """
    if "kerasfg" not in sys.modules:
        spec = importlib.util.find_spec("kerasfg")
        sys.modules["kerasfg"] = importlib.util.module_from_spec(spec)


def print_json(value, indent=2):
    sys.stdout.write(json.dumps(value, indent=indent, ensure_ascii=False))
    sys.stdout.write("\n")


def whole_numbers(text, option):
    try:
        return [int(number) for number in text.split(",")] if text else []
    except ValueError:
        raise typer.BadParameter(
            f"whole numbers with commas between, not {text!r}",
            param_hint=option,
        ) from None


def has_begun(run):
    """Whether a training can go on.

    Args:
        run: Its run folder, or nothing.
    """
    return bool(run) and (Path(run) / "recipe.toml").exists()


def hint_at_resume(run):
    """Says how an interrupted training goes on, if it had begun.

    Args:
        run: Its run folder, or nothing.
    """
    if has_begun(run):
        error_console.print(f"\nGo on by: kerasfg train --resume {run}")
