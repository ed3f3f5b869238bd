"""Shows the result of `measure_clients` in a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from kerasfg.evaluation.display import display_name
from kerasfg.evaluation.display import percent

_NONE, _MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
_COLUMNS = 3  # files side by side in 80 characters


def headers(table: dict[str, Any]) -> list[str]:
    """Returns the name of each column: the client, then each file."""
    return ["client", *(file["file"] for file in table["files"])]


def rows(table: dict[str, Any]) -> list[list[str]]:
    """Returns the texts of each row: accuracy, and points more or less.

    Args:
        table: The result of `measure_clients`.

    Returns:
        List of rows as long as `headers`.

    Example:

    >>> cell = {"top_1": 0.5, "difference": -0.0625}
    >>> row = {"client": "linear", "title": "linear", "files": {"a": cell}}
    >>> rows({"files": [{"file": "a"}], "clients": [row]})
    [['linear', '50.0 % (−6.2)']]
    """
    names = headers(table)[1:]
    return [
        [row["title"], *(_cell(row["files"].get(name)) for name in names)]
        for row in table["clients"]
    ]


def caption(table: dict[str, Any]) -> str:
    """Returns a sentence about the numbers of the table."""
    tested, found = table["pictures"], table["of"]
    some = "" if tested == found else f"{tested:,} of "
    return (
        f"Accuracy on {some}the {found:,} original test pictures; in brackets, "
        "the points more or less than with the input made as in training"
    )


def sentences(table: dict[str, Any]) -> list[str]:
    """Returns the findings, or one that there are none."""
    found = [finding["text"] for finding in table["findings"]]
    return found or ["No client loses more than two points."]


def printed(table: dict[str, Any]) -> Iterator[Table | Text]:
    """Yields the parts that a `rich.console.Console` prints.

    More than three files make several tables, one below the other.

    Args:
        table: The result of `measure_clients`.
    """
    names, texts = headers(table), rows(table)
    for start in range(1, len(names), _COLUMNS):
        columns = [0, *range(start, min(start + _COLUMNS, len(names)))]
        shown = Table(
            title=Text("What apps do to a picture", "bold cyan"),
            title_justify="left",
            box=SIMPLE_HEAD,
            header_style="dim",
            pad_edge=False,
            show_edge=False,
        )
        for column in columns:
            right = "right" if column else "left"
            name = Text(display_name(names[column]), overflow="fold")
            shown.add_column(
                name, justify=right, overflow="fold", no_wrap=not column
            )
        for line in texts:
            shown.add_row(*(Text(line[column]) for column in columns))
        yield shown
        yield Text("")
    yield Text(f"{caption(table)}.")
    for sentence in sentences(table):
        yield Text(display_name(sentence))


def markdown(table: dict[str, Any]) -> str:
    """Returns a Markdown table with the findings below.

    Args:
        table: The result of `measure_clients`.

    Returns:
        String that ends in a line break.
    """
    names = headers(table)
    lines = [names, ["---", *["---:"] * (len(names) - 1)], *rows(table)]
    text = "\n".join(f"| {' | '.join(map(_plain, line))} |" for line in lines)
    below = "\n\n".join(map(_plain, sentences(table)))
    return f"{caption(table)}:\n\n{text}\n\n{below}\n"


def _plain(text):
    return display_name(text).replace("<", "&lt;").replace("|", "\\|")


def _cell(cell):
    if cell is None:
        return _NONE
    points = f"{100 * cell['difference']:+.1f}".replace("-", _MINUS)
    changed = "" if points[1:] == "0.0" else f" ({points})"
    return f"{percent(cell['top_1'])}{changed}"
