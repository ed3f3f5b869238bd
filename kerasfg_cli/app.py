"""The application that the commands belong to, and what it prints on."""

import os
import sys
import warnings

import typer
from rich.console import Console

app = typer.Typer(
    name="kerasfg",
    help="Fine-grained image classification at low resolution, made for the "
    "phone: train on a folder of pictures, see how good it is, export it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
error_console = Console(stderr=True, soft_wrap=True, highlight=False)
console = Console(highlight=False)


def main():
    """Runs the command line; whatever a user can cause ends in one line."""
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
    if category is UserWarning and "kerasfg" in filename:
        error_console.print("[bold yellow]Warning:[/bold yellow]", end=" ")
        error_console.print(str(message), markup=False)
