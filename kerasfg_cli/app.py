"""The application with all commands, and its two consoles."""

import os
import sys
import warnings
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from kerasfg_cli.errors import Commands

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


def print_place(text, path):
    """Prints where a result lies; a path may hold what rich takes as markup."""
    console.print(f"{text} [bold]{escape(str(path))}[/bold].", soft_wrap=True)


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
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    warnings.showwarning = _show_warning
    try:
        app()
    except KeyboardInterrupt:
        error_console.print("[bold]Interrupted.[/bold]")
        sys.exit(130)
    except (ValueError, OSError, ImportError) as error:
        if os.environ.get("KERASFG_TRACEBACK"):
            raise
        error_console.print("[bold red]Error:[/bold red]", end=" ")
        error_console.print(" ".join(str(error).split()), markup=False)
        sys.exit(1)


def _show_warning(message, category, filename, lineno, file=None, line=None):
    if category.__name__ == "Notice" and "kerasfg" in filename:
        error_console.print(str(message), markup=False)
    elif category is UserWarning and "kerasfg" in filename:
        error_console.print("[bold yellow]Warning:[/bold yellow]", end=" ")
        error_console.print(str(message), markup=False)
