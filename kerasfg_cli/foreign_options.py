"""Options that describe a model that kerasfg did not make."""

import dataclasses
from pathlib import Path
from typing import Annotated
from typing import Literal

import typer

from kerasfg_cli.options import register_bare_package

PANEL = "A .keras file of another origin"


def _option(help, *flags, **more):  # noqa: A002 (typer's name)
    return typer.Option(*flags, rich_help_panel=PANEL, help=help, **more)


InputRange = Annotated[
    str | None,
    _option(
        "Pixel range of the input, if it cannot be detected: 0,255 or 0,1 or "
        "-1,1.",
        metavar="<low,high>",
    ),
]
Output = Annotated[
    Literal["probabilities", "logits"] | None,
    _option(
        "Kind of output, if it cannot be detected: probabilities or logits.",
        metavar="<kind>",
    ),
]
OutputName = Annotated[
    str | None,
    _option(
        "The output with the classes, if there are several.",
        metavar="<name>",
    ),
]
ImageSize = Annotated[
    int | None,
    _option(
        "Side of its pictures, if it takes any size.",
        metavar="<pixels>",
    ),
]
Labels = Annotated[
    Path | None,
    _option(
        "Text file with the name of a class on each line, in the order of its "
        "outputs.",
        metavar="<file>",
    ),
]
ClassOrder = Annotated[
    Literal["natural", "keras"] | None,
    _option(
        "Order of its classes where class folders are given: natural (2 before "
        "10) or keras (10 before 2), as image_dataset_from_directory sorts.",
        metavar="<order>",
    ),
]
Crop = Annotated[
    Literal["center", "whole"] | None,
    _option(
        "What it was trained on: center (the square in the middle) or whole "
        "(squeezed to a square, as image_dataset_from_directory does).",
        metavar="<crop>",
    ),
]
CropFraction = Annotated[
    float | None,
    _option(
        "Share of the side of that square to use, in its middle, for a model "
        "trained on crops. Default: 1.",
        metavar="<share>",
    ),
]
ClassLevel = Annotated[
    int | None,
    _option(
        "Number of folder levels from --data down to the classes, if that is "
        "not clear, as for `kerasfg train`.",
        metavar="<number>",
        min=0,
        max=20,
    ),
]
Untrained = Annotated[
    bool,
    _option(
        "Accept it even if it is no better than chance on the labelled "
        "pictures.",
        "--untrained",
    ),
]


def description(typed):
    """Returns the `Description` of what was typed.

    Args:
        typed: Dictionary of the arguments of a command; others than those of
            this module are left out.
    """
    register_bare_package()
    from kerasfg.run.description import Description

    names = [field.name for field in dataclasses.fields(Description)]
    return Description(**{name: typed[name] for name in names})
