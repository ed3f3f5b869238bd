"""The style of tables in a terminal."""

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

TITLE = "bold cyan"


def new_table(title, show_header=True):
    """Returns a table without rows, in the common style."""
    return Table(
        title=Text(title, TITLE),
        title_justify="left",
        caption_justify="left",
        box=SIMPLE_HEAD if show_header else None,
        show_header=show_header,
        header_style="dim",
        pad_edge=False,
        show_edge=False,
        padding=(0, 1, 0, 1),
    )
