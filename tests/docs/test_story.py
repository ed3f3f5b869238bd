"""docs/results: tables, numbers and figures are those of the CSV files."""

import re
import shutil
from pathlib import Path

import pytest

from kerasfg.evaluation.metrics.mean_and_spread import mean_and_spread
from kerasfg.reproduce.story import markdown
from kerasfg.reproduce.story.charts import draw
from kerasfg.reproduce.story.charts import read_data
from kerasfg.reproduce.story.charts import to_text
from kerasfg.reproduce.story.pages import FIGURES
from kerasfg.reproduce.story.pages import figure_of
from kerasfg.reproduce.story.pages import pages
from kerasfg.reproduce.story.pages import renewed
from kerasfg.reproduce.story.records import Records
from kerasfg.reproduce.story.records import count_test_pictures

ROOT = Path(__file__).parents[2]
RECORDS = Records(ROOT / "recipes" / "results")
RENEW = "older than recipes/results: python -m kerasfg.reproduce.story"
QUESTIONS = sorted((ROOT / "docs" / "results").glob("*.md"))


@pytest.mark.parametrize("page", pages(ROOT), ids=lambda page: page.name)
def test_pages_have_the_results(page):
    text = page.read_text("utf-8")
    assert text == renewed(text, RECORDS), RENEW


@pytest.mark.parametrize("name", FIGURES)
def test_figures_have_the_results(name):
    picture, chart = figure_of(name, ROOT, RECORDS)
    assert read_data(picture) == to_text(chart), RENEW
    assert picture.stat().st_size < 150_000


@pytest.mark.parametrize("page", QUESTIONS, ids=lambda page: page.name)
def test_no_number_is_typed(page):
    """Decimals stand between marks; those in backquotes are options."""
    text = page.read_text("utf-8")
    text = re.sub(r"<!-- \w+ .*?<!-- end -->", "", text, flags=re.DOTALL)
    text = re.sub(r"`[^`]*`", "", text)
    allowed = {"0.01", "0.1", "0.9"} if page.name != "index.md" else ()
    found = re.findall(r"\d+\.\d+", text)
    assert set(found) <= set(allowed)


def test_the_page_of_a_question_begins_with_its_figure():
    for page in QUESTIONS:
        if page.name != "index.md":
            _, second, *_ = page.read_text("utf-8").split("\n\n")
            assert re.fullmatch(rf"!\[[^]]+\]\({page.stem}\.png\)", second)


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("int8", "export"),
        ("clients", "export"),
        ("questions", "unsure"),
        ("prediction_sets", "unsure"),
    ],
)
def test_what_was_printed_once_is_what_the_guide_says(name, page):
    guide = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    for line in RECORDS.lines(f"{name}.csv"):
        shares = [x for x in line.values() if re.fullmatch(r"[01]\.\d{3,}", x)]
        assert shares
        for share in shares:
            assert f"{100 * float(share):.1f}" in guide


def test_a_change_of_the_results_changes_the_pages(tmp_path):
    folder = tmp_path / "results"
    shutil.copytree(RECORDS.folder, folder)
    file = folder / "efforts.csv"
    text = file.read_text("utf-8")
    line = next(
        x for x in text.splitlines() if x.startswith("birds_32,plain,0")
    )
    changed = line.replace("0.1776", "0.9999")
    assert changed != line
    file.write_text(text.replace(line, changed), "utf-8")
    page = (ROOT / "docs" / "results" / "gain.md").read_text("utf-8")
    records = Records(folder)
    assert renewed(page, records) != page
    _, chart = figure_of("gain", ROOT, records)
    assert to_text(chart) != to_text(figure_of("gain", ROOT, RECORDS)[1])


def test_each_line_is_a_whole_number_of_test_pictures():
    """The intervals' numbers of pictures are those that were tested."""
    for grid in ("efforts", "results"):
        for line in RECORDS.lines(f"{grid}.csv"):
            n = count_test_pictures(line["row"])
            right = float(line["test_accuracy"]) * n
            assert abs(right - round(right)) < 1e-4 * n


def test_differences_are_taken_seed_by_seed(tmp_path):
    (tmp_path / "g.csv").write_text(
        "method,seed,stage,test_accuracy\n"
        "a,0,final,0.5\na,1,final,0.7\na,2,final,0.1\n"
        "b,1,final,0.8\nb,0,final,0.4\nb,0,tuning,0.9\n"
    )
    records = Records(tmp_path)
    found = records.difference("g", "", "b", "a")
    assert found["n"] == 2 and found["better"] == 1
    assert found["mean"] == pytest.approx(0)
    assert found["spread"] == pytest.approx(0.02**0.5)
    assert records.accuracy("g", "", "none")["n"] == 0


def test_numbers_as_text():
    some = mean_and_spread([0.5, 0.6])
    assert markdown.accuracy(some) == "55.0 ± 7.1 (2)"
    assert markdown.accuracy(mean_and_spread([])) == "–"
    assert markdown.gain(mean_and_spread([-0.04]) | {"better": 0}) == (
        "−4.0 (0 of 1)"
    )
    assert markdown.signed(-0.04) == "0.0"
    assert markdown.interval(0.5, 100) == "40 to 60"


def test_a_page_cannot_ask_for_what_is_not_there():
    with pytest.raises(ValueError, match="Received: nothing$"):
        renewed("<!-- table nothing -->\n\n<!-- end -->", RECORDS)
    mark = "accuracy efforts birds_32 nothing"
    with pytest.raises(ValueError, match=f"Received: {mark}$"):
        renewed(f"<!-- {mark} --><!-- end -->", RECORDS)
    with pytest.raises(ValueError, match="Received: row='cats'$"):
        count_test_pictures("cats")


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_drawn(name, tmp_path):
    _, chart = figure_of(name, ROOT, RECORDS)
    draw(chart, tmp_path / "f.png")
    assert read_data(tmp_path / "f.png") == to_text(chart)
