"""The table of a grid, as Markdown and in a terminal."""

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

NONE = "\N{EN DASH}"
NOTE = """\
Accuracies in percent: mean ± sample standard deviation over the seeds.
Differences are to {baseline}, taken seed by seed, in points of test accuracy.
Where values were tried, it was with the first seed, and validation chose;
nothing was chosen on the test pictures. Confused: test pictures taken for a
class that differs in the attribute, in percent.
"""
CONFUSED = "confused: "
COLUMN_WIDTH = 14


def to_markdown(summaries, baseline, title, remarks=()):
    """Returns the text of a Markdown file with a line for each method.

    Args:
        summaries: As `kerasfg.evaluation.grid_summary.summarize` gives them.
        baseline: The method that differences are taken from.
        title: Heading.
        remarks: Paragraphs below the table.
    """
    columns = {
        **_method_column(summaries),
        **_values_column(summaries),
        **_accuracy_columns(summaries, baseline),
        **_confusion_columns(summaries),
    }
    rule = ["---", "---"] + ["---:"] * (len(columns) - 2)
    lines = [list(columns), rule, *zip(*columns.values(), strict=True)]
    table = "".join(f"| {' | '.join(map(_escape, line))} |\n" for line in lines)
    note = NOTE.format(baseline=baseline)
    return "\n".join([f"# {title}\n", table, note, *remarks])


def print_table(summaries, baseline, title, console):
    """Prints what `to_markdown` holds on a `rich.console.Console`.

    Args:
        summaries: As `kerasfg.evaluation.grid_summary.summarize` gives them.
        baseline: The method that differences are taken from.
        title: Heading.
        console: `rich.console.Console`.
    """
    method = _method_column(summaries)
    confusion = _confusion_columns(summaries)
    # The columns side by side would not fit a terminal of 80 columns.
    console.print()
    accuracies = _accuracy_columns(summaries, baseline)
    console.print(_rich(method | accuracies, title))
    for name, values in zip(
        *method.values(), *_values_column(summaries).values(), strict=True
    ):
        if values not in ("", NONE):
            console.print(f"{name}: {values}", style="dim", markup=False)
    if confusion:
        console.print()
        console.print(_rich(method | confusion, "Confused attributes"))
    console.print()


def _rich(columns, title):
    table = Table(
        title=Text(title, "bold cyan"),
        title_justify="left",
        box=SIMPLE_HEAD,
        header_style="dim",
        pad_edge=False,
        show_edge=False,
    )
    for header, cells in columns.items():
        table.add_column(
            Text(header.removeprefix(CONFUSED)),
            justify="left" if header == "method" else "right",
            max_width=max(COLUMN_WIDTH, *map(len, cells)),
            overflow="fold",
        )
    for line in zip(*columns.values(), strict=True):
        table.add_row(*map(Text, line))
    return table


# === Columns: from the header to the texts of all methods ===


def _method_column(summaries):
    return {"method": [summary["method"] for summary in summaries]}


def _values_column(summaries):
    return {"values": [_values(summary) for summary in summaries]}


def _accuracy_columns(summaries, baseline):
    tests = [_points(summary["test_accuracy"]) for summary in summaries]
    pairs = [_difference(summary, baseline) for summary in summaries]
    return {
        "seeds": [str(summary["seeds"]) for summary in summaries],
        "test": tests,
        "difference": [difference for difference, _ in pairs],
        "better": [better for _, better in pairs],
        "validation": [_points(s["val_accuracy"]) for s in summaries],
    }


def _confusion_columns(summaries):
    names = dict.fromkeys(name for s in summaries for name in s["confusion"])
    return {
        f"{CONFUSED}{name}": [
            _points(summary["confusion"].get(name)) for summary in summaries
        ]
        for name in names
    }


# === Cells ===


def _values(summary):
    """The chosen values, with those that they were chosen from."""
    if summary["values"] is None:
        return NONE
    texts = []
    for key, value in summary["values"].items():
        tried = ", ".join(map(str, summary["tried"][key]))
        of = f" (of {tried})" if len(summary["tried"][key]) > 1 else ""
        texts.append(f"{key} {value}{of}")
    return "; ".join(texts)


def _difference(summary, baseline):
    """The difference, and in how many seeds it is for the better."""
    difference = summary["difference"]
    if summary["method"] == baseline:
        return "baseline", ""
    if not difference["n"]:
        return NONE, NONE
    better = f"{difference['better']} of {difference['n']}"
    return _points(difference, "+.1f"), better


def _points(measured, form=".1f"):
    if not measured or measured["mean"] is None:
        return NONE
    text = f"{100 * measured['mean']:{form}}"
    if measured["spread"] is not None:
        text += f" ± {100 * measured['spread']:.1f}"
    return text


def _escape(cell):
    return cell.replace("|", "\\|")
