"""`kerasfg predict --why`: its options, and the page that it writes."""

from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.app import console
from kerasfg_cli.app import print_place
from kerasfg_cli.text import visible

PANEL = "Why"
PAGE = "why.html"
_SUFFIXES = (".html", ".htm")

Why = Annotated[
    bool,
    typer.Option(
        "--why",
        rich_help_panel=PANEL,
        help="Also write a page that shows which parts of the picture support "
        "the answer, and the three most similar training pictures; for a run "
        "folder or .keras file.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="<path>",
        help="Table to write in place of a line for each picture: .csv, "
        ".parquet, .json, .coco.json (COCO) or datapackage.json (Camtrap DP). "
        "It is resumed if it is interrupted. With --why: the page, an .html "
        f"file, or a folder for it; default: {PAGE}.",
    ),
]
Examples = Annotated[
    bool,
    typer.Option(
        "--examples",
        rich_help_panel=PANEL,
        help="Put small copies of these training pictures into the page. "
        "Otherwise it has only their names.",
    ),
]


def check_why(why, out, examples, file):
    """Checks the options that go with `--why`, before anything is loaded.

    Args:
        why: Whether it is given.
        out: Path of the page, or `None`.
        examples: Whether training pictures may be shown.
        file: Path of the model's file.

    Raises:
        ValueError: If they do not fit together.
    """
    if not why:
        page = (
            out if out is not None and out.suffix in ("", *_SUFFIXES) else None
        )
        for name, value in {"out": page, "examples": examples}.items():
            if value:
                raise ValueError(
                    f"`{name}` is for the page that `why` writes: add `why`, "
                    f"or leave it out. Received: {name}={str(value)!r}"
                )
        return
    if file.suffix != ".keras":
        raise ValueError(
            "`why` looks into the layers of a Keras model: name the run folder "
            f"or the .keras file. Received: model={str(file)!r}"
        )
    if out is not None and out.suffix not in ("", *_SUFFIXES):
        if not out.is_dir():
            raise ValueError(
                "The page must be an .html file, or a folder for it. "
                f"Received: out={str(out)!r}"
            )


class Explanations:
    """Explains answers one by one and writes the page at the end.

    Args:
        predictor: `Predictor`.
        model: Path of its run folder or file.
        pictures: Number of pictures.
        data: Place of the training pictures, or `None`.
        description: `Description`.
        examples: Whether training pictures may be shown.
        verbose: Whether to show progress.

    Raises:
        ValueError: If there are too many pictures, or the model cannot be
            explained.
    """

    def __init__(
        self, predictor, model, pictures, data, description, examples, verbose
    ):
        from kerasfg.evaluation.explanation.page.page import MOST
        from kerasfg.run.explanation.explainer import load_explainer

        if pictures > MOST:
            raise ValueError(
                f"`why` explains at most {MOST} pictures on a page: name "
                f"fewer. Received: {pictures} pictures"
            )
        self._title = model.resolve().name
        self._made = []
        self._explainer = load_explainer(
            predictor, model, data, description, examples, verbose
        )

    def add(self, file, answer, as_json):
        """Explains an answer; with `as_json` the answer gets `why`."""
        from kerasfg.evaluation.explanation.explanation import describe_nearest

        one = self._explainer.explain(file, answer)
        self._made.append(one)
        if as_json:
            answer["why"] = one.as_json()
            return ""
        return describe_nearest(one.nearest) if one.nearest else ""

    def write(self, out, as_json):
        """Writes the page, and prints where unless with `as_json`."""
        from kerasfg.evaluation.explanation.page.page import write_why

        path = Path(PAGE) if out is None else out
        if path.suffix not in _SUFFIXES or path.is_dir():
            path = path / PAGE
        write_why(self._made, self._title, path)
        if not as_json:
            print_place("The page is", path)


def print_nearest(line):
    """Prints the line of the nearest pictures under an answer."""
    if line:
        console.print(f"  {visible(line)}", markup=False, soft_wrap=True)
