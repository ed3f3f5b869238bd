import io

import pytest
from rich.console import Console

from kerasfg.evaluation.grid_table import print_table
from kerasfg.evaluation.grid_table import to_markdown


def measured(mean=None, spread=None, n=0, **more):
    return {"n": n, "mean": mean, "spread": spread, **more}


@pytest.fixture
def summaries():
    """A baseline, a tuned method, one of a single seed, one without any."""

    def summary(method, n, mean=None, spread=None, **changed):
        return {
            "method": method,
            "values": {},
            "tried": {},
            "seeds": n,
            "val_accuracy": measured(mean, spread, n),
            "test_accuracy": measured(mean, spread, n),
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
        summary("none", 0, values=None, difference=measured(better=0)),
    ]


def test_markdown_has_a_line_for_each_method(summaries):
    text = to_markdown(summaries, "plain", "Title", ["One.\n", "Two.\n"])
    lines = text.splitlines()
    assert lines[0] == "# Title"
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
    assert text.endswith("percent.\n\nOne.\n\nTwo.\n")


def test_a_terminal_of_80_columns_is_enough(summaries):
    output = io.StringIO()
    console = Console(file=output, width=80)
    print_table(summaries, "plain", "The [title]", console)
    text = output.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    assert "The [title]" in text
    assert "+11.3 ± 3.0   2 of 3   61.3 ± 2.0" in text
    assert "tuned: margin 2.0 (of 1.0, 2.0); push margin" in text
    assert "Confused attributes" in text
    assert "a|b" in text


def test_without_attributes_there_is_no_second_table(summaries):
    for summary in summaries:
        summary["confusion"] = {}
    output = io.StringIO()
    print_table(summaries, "plain", "Title", Console(file=output, width=80))
    assert "Confused" not in output.getvalue()
    assert "confused:" not in to_markdown(summaries, "plain", "Title")
