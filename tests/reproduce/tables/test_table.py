import io
import types

import pytest
from rich.console import Console

from kerasfg.reproduce.tables.table import print_table
from kerasfg.reproduce.tables.table import to_markdown

NOTHING = {
    "row": "",
    "values": {},
    "tried": {},
    "resolutions": {},
    "paper": {},
    "paper_difference": None,
    "latency_ms": None,
}


def measured(mean=None, spread=None, n=0, **more):
    return {"n": n, "mean": mean, "spread": spread, **more}


@pytest.fixture
def grid():
    return types.SimpleNamespace(
        title="The [title]",
        stand_in="",
        same=(),
        differs=(),
        notes=(),
        baseline="plain",
        measures=("top_1",),
        best_of=(),
    )


@pytest.fixture
def summaries():
    """A baseline, a tuned method, one of a single seed, one without any."""

    def summary(method, n, mean=None, spread=None, **changed):
        return {
            **NOTHING,
            "method": method,
            "seeds": n,
            "val_accuracy": measured(mean, spread, n),
            "top_1": measured(mean, spread, n),
            "top_3": measured(mean + 0.25 if n else None, spread, n),
            "seconds_per_epoch": measured(12.34 if n else None),
            "confusion": {"a|b": measured(0.125, 0.01, n)} if n else {},
        } | changed

    return [
        summary("plain", 3, 0.5, 0.012, difference=None),
        summary(
            "tuned",
            3,
            0.6126,
            0.02,
            values={"margin": 2.0, "push": "margin"},
            tried={"margin": [1.0, 2.0], "push": ["margin"]},
            difference=measured(0.1126, 0.03, 3, better=2),
        ),
        summary("one", 1, 0.4, difference=measured(-0.1, None, 1, better=0)),
        summary(
            "none",
            0,
            values=None,
            tried={"margin": [1.0]},
            difference=measured(better=0),
        ),
    ]


@pytest.fixture
def with_all(summaries, grid):
    """Fills in whatever a table can have."""
    plain, tuned, one, _ = summaries
    grid.stand_in = "three colours in place of 200 birds"
    grid.measures = ("top_1", "top_3")
    plain["paper"] = {"top_1": 48.0}
    # As binary numbers these two are less than what is printed.
    tuned["paper"] = {"top_1": 91.05, "top_3": 80.1}
    tuned["paper_difference"] = 15.15
    one["paper_difference"] = "over 5"
    plain["latency_ms"], one["latency_ms"] = 1.256, 20.0
    for summary in summaries:
        summary["row"] = "px32"
    plain["resolutions"] = {32: measured(0.25, 0.01, 3), 8: measured(0.1)}


def table(text):
    """The lines of a Markdown table, each a list of cells."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line[1:-1].split(" |")] for line in lines]


def printed(summaries, grid):
    output = io.StringIO()
    print_table(summaries, grid, Console(file=output, width=80))
    return output.getvalue()


def test_markdown_has_a_line_for_each_method(summaries, grid):
    text = to_markdown(summaries, grid, ["One.\n", "Two.\n"])
    lines = text.splitlines()
    assert lines[0] == "# The [title]"
    assert lines[2:8] == [
        "| method | values | seeds | test | difference | better | validation "
        "| confused: a\\|b |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| plain |  | 3 | 50.0 ± 1.2 | baseline |  | 50.0 ± 1.2 | 12.5 ± 1.0 |",
        "| tuned | margin 2.0 (of 1.0, 2.0); push margin | 3 | 61.3 ± 2.0 "
        "| +11.3 ± 3.0 | 2 of 3 | 61.3 ± 2.0 | 12.5 ± 1.0 |",
        "| one |  | 1 | 40.0 | -10.0 | 0 of 1 | 40.0 | 12.5 ± 1.0 |",
        "| none | – | 0 | – | – | – | – | – |",
    ]
    assert "Differences are to plain," in text
    assert "Where values were tried" in text
    assert text.endswith("percent.\n\nOne.\n\nTwo.\n")
    for word in ("Paper", "ms:", "Stand-in"):
        assert word not in text


def test_the_first_measure_may_be_the_balanced_accuracy(summaries, grid):
    grid.measures = ("balanced_accuracy", "top_1")
    for summary in summaries:
        summary["balanced_accuracy"] = measured(0.25, None, 1)
    text = to_markdown(summaries, grid)
    header, _, plain, *_ = table(text)
    cells = dict(zip(header, plain, strict=True))
    assert cells["test balanced"] == "25.0"
    assert cells["test top-1"] == "50.0 ± 1.2"
    assert "in points of balanced\ntest accuracy" in text


def test_markdown_lists_the_candidates_of_the_best(summaries, grid):
    assert "with the first seed" not in to_markdown([summaries[0]], grid)
    grid.best_of = ("tuned", "one")
    text = to_markdown([summaries[0]], grid)
    assert "chose with the first seed from tuned, one." in " ".join(
        text.split()
    )


def test_markdown_has_all_that_was_measured(summaries, grid, with_all):
    text = to_markdown(summaries, grid)
    header, _, plain, tuned, one, none = table(text)
    cells = dict(zip(header, zip(plain, tuned, none, strict=True), strict=True))
    assert dict(zip(header, one, strict=True))["paper's difference"] == "over 5"
    assert header[:3] == ["row", "method", "values"]
    assert cells["test"] == ("50.0 ± 1.2", "61.3 ± 2.0", "–")
    assert cells["test top-3"] == ("75.0 ± 1.2", "86.3 ± 2.0", "–")
    assert cells["paper"] == ("48.00", "91.05", "–")
    assert cells["ours − paper"] == ("+2.0", "-29.8", "–")
    assert cells["paper top-3"] == ("–", "80.10", "–")
    assert cells["ours − paper top-3"] == ("–", "+6.2", "–")
    assert cells["paper's difference"] == ("–", "+15.15", "–")
    assert cells["ms"] == ("1.26", "–", "–")
    assert cells["seconds per epoch"] == ("12.3", "12.3", "–")
    assert cells["at 8 px"] == ("10.0", "–", "–")
    assert cells["at 32 px"] == ("25.0 ± 1.0", "–", "–")
    assert header.index("at 8 px") < header.index("at 32 px")
    stand_in = "**Stand-in, not the paper's data**: three colours in place of"
    assert text.splitlines()[2].startswith(stand_in)
    assert "Paper: what the paper prints" in text
    assert "ms: one picture by the float32" in text


def test_without_values_to_choose_there_is_no_note(summaries, grid):
    text = to_markdown(summaries[:1], grid)
    assert "values" not in text
    assert "validation chose" not in text


def test_a_terminal_of_80_columns_is_enough(summaries, grid, with_all):
    text = printed(summaries, grid)
    assert max(map(len, text.splitlines())) <= 80
    assert "The [title]" in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    cells = "3 61.3 ± 2.0 86.3 ± 2.0 +11.3 ± 3.0 2 of 3 61.3 ± 2.0"
    assert f"tuned {cells}" in lines
    assert "px32 tuned: margin 2.0 (of 1.0, 2.0); push margin" in text
    assert "Stand-in, not the paper's data: three colours" in text
    assert "a|b" in text
    titles = [
        "The [title]",
        "Compared with the paper",
        "Cost",
        "Test pictures of other resolutions",
        "Confused attributes",
    ]
    places = [text.index(title) for title in titles]
    assert places == sorted(places)


def test_columns_that_do_not_fit_stand_in_a_table_below(
    summaries, grid, with_all
):
    grid.measures = ("top_1", "top_3", "top_3")
    for summary in summaries[1:]:
        summary["method"] = "a_method_with_a_long_name"
    text = printed(summaries, grid)
    assert max(map(len, text.splitlines())) <= 80
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "method seeds test test top-3 difference" in lines
    assert "method better validation" in lines
    assert text.count("The [title]") == 2


def test_rows_are_headings_and_a_line_of_nothing_is_left_out(
    summaries, grid, with_all
):
    for summary in summaries[1:]:
        summary["row"] = "average of 4"
    lines = [line.rstrip() for line in printed(summaries, grid).splitlines()]
    start = lines.index("Cost")
    cost = lines[start : lines.index("", start)]
    assert [line.split("  ")[0] for line in cost[4:]] == [
        "px32",
        "plain",
        "average of 4",
        "tuned",
        "one",
    ]


def test_a_long_header_does_not_widen_the_terminal(summaries, grid):
    confused = {f"has_color::a_long_name_{i}": measured(0.5) for i in range(9)}
    for summary in summaries:
        summary["confusion"] = confused
    text = printed(summaries, grid)
    assert max(map(len, text.splitlines())) <= 80
    for name in confused:
        assert name in text


def test_there_are_only_the_tables_that_have_columns(summaries, grid):
    for summary in summaries:
        summary["confusion"] = {}
    text = printed(summaries, grid)
    for title in ("Confused", "Beside", "Cost", "resolutions", "Stand-in"):
        assert title not in text
    assert "confused:" not in to_markdown(summaries, grid)


def test_what_is_the_same_and_what_differs_stands_below(summaries, grid):
    grid.same, grid.differs = ("The loss.",), ("The data.", "The seeds.")
    text = to_markdown(summaries, grid, ["Written by.\n"])
    below = "As in the paper:\n\n- The loss.\n\n"
    below += "Different from the paper:\n\n- The data.\n- The seeds.\n\n"
    assert text.endswith(f"{below}Written by.\n")
    lines = printed(summaries, grid).splitlines()
    start = lines.index("As in the paper:")
    assert lines[start : start + 6] == [
        "As in the paper:",
        "The loss.",
        "",
        "Different from the paper:",
        "The data.",
        "The seeds.",
    ]


def test_without_trainings_there_is_no_table(grid):
    grid.differs = ("The data.",)
    text = to_markdown([], grid, ["Written by.\n"])
    assert "|" not in text
    assert text.startswith("# The [title]\n\nDifferent from the paper:\n\n- ")
    assert "The data." in printed([], grid)


def test_notes_stand_below_the_table_before_the_remarks(summaries, grid):
    grid.notes = ("No [resize] here.", "The paper has none of it.")
    text = to_markdown(summaries, grid, ["Written by.\n"])
    notes = "\n".join(grid.notes)
    assert text.endswith(f"percent.\n\n{notes}\n\nWritten by.\n")
    assert notes in printed(summaries, grid)
