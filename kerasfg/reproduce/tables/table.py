"""Writes the table of a grid as Markdown and prints it in a terminal."""

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from kerasfg.reproduce.tables.columns import CONFUSED
from kerasfg.reproduce.tables.columns import NONE
from kerasfg.reproduce.tables.columns import accuracy_columns
from kerasfg.reproduce.tables.columns import confusion_columns
from kerasfg.reproduce.tables.columns import cost_columns
from kerasfg.reproduce.tables.columns import name_columns
from kerasfg.reproduce.tables.columns import paper_columns
from kerasfg.reproduce.tables.columns import resolution_columns
from kerasfg.reproduce.tables.columns import values_column
from kerasfg.reproduce.tables.summary import BEST
from kerasfg.terminal_text import visible

FIRST = {
    "top_1": "test accuracy",
    "balanced_accuracy": "balanced\ntest accuracy, the mean over the classes",
}
NOTE = """\
Accuracies in percent: mean ± sample standard deviation over the seeds.
Differences are to {baseline}, taken seed by seed, in points of {measure}.
"""
TUNED = """\
Where values were tried, it was with the first seed, and validation chose;
nothing was chosen on the test pictures.
"""
BEST_NOTE = """\
{best}: of each row the method named there, which the validation pictures
chose with the first seed from {methods}.
"""
CONFUSED_NOTE = """\
Confused: test pictures taken for a class that differs in the attribute, in
percent.
"""
PAPER_NOTE = """\
Paper: what the paper prints; its difference likewise.
"""
LATENCY_NOTE = """\
ms: one picture by the float32 `.tflite` file, one thread, the files in turns.
"""
SAME = "As in the paper:"
DIFFERS = "Different from the paper:"
COLUMN_WIDTH = 14
GAP = 3  # between two columns


def to_markdown(summaries, grid, remarks=()):
    """Returns the text of a Markdown file with a line for each method.

    Args:
        summaries: Result of `kerasfg.reproduce.tables.summary.summarize`.
        grid: A `kerasfg.reproduce.grid.Grid`, or an object with its `title`,
            `stand_in`, `same`, `differs`, `notes`, `baseline`, `measures` and
            `best_of`.
        remarks: Paragraphs below the table.
    """
    heading = [f"# {grid.title}\n"]
    if grid.stand_in:
        heading.append(f"**Stand-in, not the paper's data**: {grid.stand_in}\n")
    below = [_markdown(grid), *remarks]
    if summaries:
        below = [*_markdown_table(summaries, grid), *below]
    return "\n".join(part for part in [*heading, *below] if part)


def _markdown_table(summaries, grid):
    """Returns the table and explanations of its columns."""
    columns = {
        **name_columns(summaries),
        **values_column(summaries),
        **accuracy_columns(summaries, grid),
        **paper_columns(summaries, grid),
        **cost_columns(summaries),
        **resolution_columns(summaries),
        **confusion_columns(summaries),
    }
    left = len(name_columns(summaries)) + len(values_column(summaries))
    rule = ["---"] * left + ["---:"] * (len(columns) - left)
    lines = [list(columns), rule, *zip(*columns.values(), strict=True)]
    table = "".join(f"| {' | '.join(map(_escape, line))} |\n" for line in lines)
    return [table, _note(columns, grid)]


def _markdown(grid):
    """Returns the points as in the paper, the differences, and the notes."""
    lists = {SAME: grid.same, DIFFERS: grid.differs, "": grid.notes}
    parts = []
    for heading, sentences in lists.items():
        bullet = "- " if heading else ""
        lines = "".join(f"{bullet}{sentence}\n" for sentence in sentences)
        if lines:
            parts.append(f"{heading}\n\n{lines}" if heading else lines)
    return "\n".join(parts)


def _note(columns, grid):
    note = NOTE.format(baseline=grid.baseline, measure=FIRST[grid.measures[0]])
    note += TUNED if "values" in columns else ""
    paper = any(name.startswith("paper") for name in columns)
    note += PAPER_NOTE if paper else ""
    if grid.best_of:
        methods = ", ".join(grid.best_of)
        note += BEST_NOTE.format(best=BEST.capitalize(), methods=methods)
    note += LATENCY_NOTE if "ms" in columns else ""
    confused = any(name.startswith(CONFUSED) for name in columns)
    return note + (CONFUSED_NOTE if confused else "")


def print_table(summaries, grid, console):
    """Prints the content of `to_markdown` to a `rich.console.Console`.

    The columns are divided among several tables that fit the width.

    Args:
        summaries: Result of `kerasfg.reproduce.tables.summary.summarize`.
        grid: Object as for `to_markdown`.
        console: `rich.console.Console`.
    """
    if summaries:
        _print_columns(summaries, grid, console)
    stand_in = f"Stand-in, not the paper's data: {grid.stand_in}"
    _print_notes([stand_in] if grid.stand_in else [], console)
    for heading, sentences in ((SAME, grid.same), (DIFFERS, grid.differs)):
        _print_notes([heading, *sentences] if sentences else [], console)
    _print_notes(grid.notes, console)


def _print_columns(summaries, grid, console):
    names = name_columns(summaries)
    parts = {
        grid.title: accuracy_columns(summaries, grid),
        "Compared with the paper": paper_columns(summaries, grid),
        "Cost": cost_columns(summaries),
        "Test pictures of other resolutions": resolution_columns(summaries),
        "Confused attributes": confusion_columns(summaries),
    }
    console.print()
    for title, columns in parts.items():
        for some in _fitting(columns, names, console.width):
            # A `Table` would break its title into lines of the table's width.
            console.print(Text(visible(title), "bold cyan"))
            console.print(_rich(names, some))
            console.print()
    _print_values(names, values_column(summaries), console)


def _fitting(columns, names, width):
    """Divides the columns into groups that fit next to the names."""
    first = max(len(text) for texts in names.values() for text in texts)
    groups, left = [], 0
    for header, cells in columns.items():
        needed = _width(header, cells) + GAP
        if left < needed:
            groups.append({})
            left = width - first
        groups[-1][header] = cells
        left -= needed
    return groups


def _width(header, cells):
    """Returns the width of a column; its header may break between words."""
    words = header.removeprefix(CONFUSED).split()
    longest = max(map(len, [*words, *cells]))
    return max(longest, min(COLUMN_WIDTH, len(" ".join(words))))


def _rich(names, columns):
    table = Table(
        box=SIMPLE_HEAD,
        header_style="dim",
        pad_edge=False,
        show_edge=False,
    )
    table.add_column("method")
    for header, cells in columns.items():
        table.add_column(
            Text(visible(header.removeprefix(CONFUSED))),
            justify="right",
            max_width=_width(header, cells),
            overflow="fold",
        )
    methods = names["method"]
    rows = names.get("row", [""] * len(methods))
    lines = zip(*columns.values(), strict=True)
    before = ""
    for row, method, line in zip(rows, methods, lines, strict=True):
        if set(line) == {NONE}:
            continue
        if row != before:
            table.add_row(Text(visible(row), "bold"))
        table.add_row(*map(Text, map(visible, (method, *line))))
        before = row
    return table


def _print_values(names, values, console):
    """Prints the chosen values, a line for each method."""
    chosen = [
        f"{' '.join(line[:-1])}: {line[-1]}"
        for line in zip(*names.values(), *values.values(), strict=True)
        if values and line[-1] not in ("", NONE)
    ]
    _print_notes(chosen, console)


def _print_notes(texts, console):
    for text in texts:
        console.print(visible(text), style="dim", markup=False)
    if texts:
        console.print()


def _escape(cell):
    return cell.replace("|", "\\|")
