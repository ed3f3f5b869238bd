"""The application with all commands, and its two consoles."""

import functools
import importlib.util
import os
import shlex
import sys
import warnings
from typing import Annotated

import typer
from rich.console import Console

from kerasfg_cli.errors import Commands
from kerasfg_cli.signals import end_tidily
from kerasfg_cli.text import no_markup
from kerasfg_cli.text import visible

app = typer.Typer(
    cls=Commands,
    name="kerasfg",
    help="Fine-grained image classification at low resolution, made for the "
    "phone: train on a folder of pictures, evaluate, export.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
error_console = Console(stderr=True, soft_wrap=True, highlight=False)
console = Console(highlight=False)

_LONGEST = 3000  # characters of an error


def print_place(text, path):
    """Prints where a result is."""
    console.print(f"{text} [bold]{no_markup(path)}[/bold].", soft_wrap=True)


def print_next(*words):
    """Prints the command that usually follows, so that it can be pasted."""
    text = f"Next: {shlex.join(str(word) for word in words)}"
    console.print(visible(text), markup=False, soft_wrap=True)


def _print_version(wanted: bool):
    if wanted:
        import importlib.metadata

        console.print(f"kerasfg {importlib.metadata.version('kerasfg')}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
):
    pass


def main():
    """Runs the command line; an error that a user can cause is one line."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", _installed_backend())
    warnings.showwarning = functools.partial(_show_warning, set())
    end_tidily()
    try:
        app()
    except KeyboardInterrupt:
        error_console.print("[bold]Interrupted.[/bold]")
        sys.exit(130)
    except (ValueError, OSError, ImportError) as error:
        if os.environ.get("KERASFG_TRACEBACK"):
            raise
        error_console.print("[bold red]Error:[/bold red]", end=" ")
        text = visible(" ".join(str(error).split()))
        if len(text) > _LONGEST:  # such as a cell of a damaged table
            half = _LONGEST // 2
            text = f"{text[:half]} [...] {text[-half:]}"
        error_console.print(text, markup=False)
        sys.exit(1)


def _installed_backend():
    """Returns TensorFlow, but JAX where only that is installed."""
    for name in ("tensorflow", "jax"):
        if importlib.util.find_spec(name):
            return name
    return "tensorflow"


def _show_warning(
    shown, message, category, filename, lineno, file=None, line=None
):
    """Prints a warning of this package, once: a command may train twice."""
    if str(message) in shown or "kerasfg" not in filename:
        return
    shown.add(str(message))
    if category.__name__ == "Notice":
        error_console.print(visible(message), markup=False)
    elif category is UserWarning:
        error_console.print("[bold yellow]Warning:[/bold yellow]", end=" ")
        error_console.print(visible(message), markup=False)
