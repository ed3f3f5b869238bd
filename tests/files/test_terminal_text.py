"""Text that is not ours, at the terminal."""

import ast
import importlib.util
import io
from pathlib import Path

import pytest
from rich.console import Console

from kerasfg.data.progress import in_threads
from kerasfg.evaluation.metrics.silhouette import print_silhouettes
from kerasfg.evaluation.report.terminal_table import print_report
from kerasfg.export.measurement.benchmark_table import benchmark_table
from kerasfg.status import status
from kerasfg.terminal_text import no_markup
from kerasfg.terminal_text import visible

HOSTILE = "a[/x]b\x1b[31mc\x07\u202ed\udc80[bold"


def printed(show):
    """Returns what a function prints to a console."""
    stream = io.StringIO()
    show(Console(file=stream, width=200))
    return stream.getvalue()


def assert_harmless(text):
    assert "a[/x]b" in text
    assert not set(text) & {"\x1b", "\x07", "\udc80"}


def test_controls_are_visible_and_letters_stay():
    expected = r"a[/x]b\x1b[31mc\x07\u202ed\udc80[bold"
    assert visible(HOSTILE) == expected
    assert visible("Löwenzahn 蒲公英\n") == "Löwenzahn 蒲公英\n"


@pytest.mark.parametrize("text", [HOSTILE, "[bold]", "[/]", "\\", "a\\[/b]"])
def test_nothing_between_markup_is_markup(text):
    shown = printed(lambda c: c.print(f"[bold]{no_markup(text)}[/bold]."))
    assert shown == f"{visible(text)}.\n"


def test_progress_and_status_show_it(capfd):
    assert [*in_threads(len, ["ab"], HOSTILE)] == [2]
    with status(HOSTILE) as show:
        show(HOSTILE)
    assert "\x07" not in capfd.readouterr().err


def test_in_a_notebook_nothing_asks_for_widgets(monkeypatch):
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    with status("Adding"):  # a warning is an error
        pass


def part(name):
    shares = {"error": 0.1, "error_after_temperature": 0.1}
    of_class = {"class": name, "n": 2, "accuracy": 0.5, "precision": None}
    pair = {"true": name, "predicted": name, "count": 1, "share": 0.5}
    return {
        "n": 2,
        "top_1": 0.5,
        "top_1_interval": [0.1, 0.9],
        "balanced_accuracy": 0.5,
        "macro_f1": 0.5,
        "per_class": [of_class, {**of_class, "n": 0}],
        "worst_pairs": [{**pair, "symmetric_share": 0.5}],
        "calibration": shares,
        "sure": {"n": 0, "coverage": 0, "accuracy": None},
        "attributes": {
            name: {
                "n": 1,
                "confused": 1,
                "rate": 1.0,
                "share_of_mistakes": 1.0,
                "chance_share": 0.5,
            }
        },
    }


def test_the_tables_show_it():
    report = {
        "classes": [HOSTILE, "b"],
        "temperature": 1.0,
        "threshold": 0.5,
        "val": part(HOSTILE),
        "test": part(HOSTILE),
    }
    assert_harmless(printed(lambda console: print_report(report, console)))
    scores = {HOSTILE: {"class": 0.1, "attributes": {HOSTILE: None}}}
    assert_harmless(printed(lambda c: print_silhouettes(scores, c)))
    row = dict.fromkeys(
        "bytes latency_ms accuracy agreement max_difference".split()
    )
    row |= {"file": HOSTILE, "verdict": "passed"}
    assert_harmless(printed(lambda c: c.print(benchmark_table([row]))))


# What is printed, and is of the package itself or was made visible before.
OURS = {
    "*printed(report['test']['clients'])",
    "_TEXT",
    "_rich(names, some)",
    "described(card)",  # numbers of kerasfg.evaluation.distance
    "line",  # of kerasfg.inspection.terminal
    "f'  {command}'",
    "f'Serving at [bold]{address}[/bold]'",
    "f'Take [bold]{name}[/bold]: {why}'",
    "f'[bold]--scale {scale}[/bold]'",
    "f'{name:40} {100 * result[key]:5.1f} %'",
    "f'{text} [bold]{no_markup(path)}[/bold].'",
    "f\"kerasfg {importlib.metadata.version('kerasfg')}\"",
    "reason",
    "table",
    "text",
}


def is_harmless(node):
    """Whether an expression is a constant, a number or made visible."""
    if isinstance(node, ast.JoinedStr):
        return all(map(is_harmless, node.values))
    if isinstance(node, ast.BinOp):
        return is_harmless(node.left) and is_harmless(node.right)
    if isinstance(node, ast.FormattedValue):
        spec = node.format_spec
        is_number = spec and spec.values[-1].value.rstrip()[-1:] in "fdeg%"
        return is_number or is_harmless(node.value)
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", "")
        return name in ("visible", "no_markup", "Text", "benchmark_table")
    return isinstance(node, ast.Constant)


def test_nothing_is_printed_that_was_not_made_harmless():
    folders = [
        Path(importlib.util.find_spec(name).origin).parent
        for name in ("kerasfg", "kerasfg.export", "kerasfg_cli")
    ]
    files = [file for folder in folders for file in folder.rglob("*.py")]
    assert len(files) > 150
    calls = [
        node
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(
            ("console.print", "console.rule", "console.log", "output.print")
        )
    ]
    assert len(calls) > 30
    printed = [argument for call in calls for argument in call.args]
    odd = {ast.unparse(x) for x in printed if not is_harmless(x)}
    assert odd <= OURS
