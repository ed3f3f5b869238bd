import json

import pytest

from kerasfg.evaluation import distance_card
from kerasfg.evaluation.distance.saved_card import add_measured
from kerasfg.evaluation.report.html_page.distance_tables import distance_tables
from kerasfg.evaluation.report.html_page.line_chart import distance_curves
from kerasfg.evaluation.report.html_page.same_recipe import same_recipe
from kerasfg.evaluation.report.html_page.saved_run import read_run
from kerasfg.evaluation.report.html_page.table import NONE
from kerasfg.evaluation.report.html_page.table import Interval
from kerasfg.evaluation.report.html_report import write_html_report

CURVE = [
    {"resolution": 8, "top_1": 0.5, "top_1_interval": [0.4, 0.6]},
    {"resolution": 32, "top_1": 0.9, "top_1_interval": [0.8, 1.0]},
]
MEASURED = {"top_1": 0.75, "top_1_interval": [0.65, 0.85], "too_small": 0.0}


def card(**more):
    return distance_card(CURVE, 32, 0.12, 66, 4000, **more)


@pytest.fixture
def leave_card(leave_run):
    """A function that leaves a run whose report has a distance card."""

    def leave(name, found):
        folder = leave_run(name)
        file = folder / "report.json"
        report = {**json.loads(file.read_text()), "distance": found}
        file.write_text(json.dumps(report))
        return folder

    return leave


def page_of(folders, tmp_path):
    write_html_report(folders, tmp_path / "report.html")
    return (tmp_path / "report.html").read_text("utf-8")


def test_a_row_for_each_distance(leave_card):
    found = card(distances=[5, 1000])
    add_measured(found, [MEASURED, None], 30)
    runs = [read_run(leave_card("a", found), "a")]
    ((table, sentences),) = distance_tables(runs)
    near, far = table.rows
    assert len(near) == len(far) == len(table.headers)
    assert near[0] == "5.0 m" and near[1] == "74" and near[2] == "90.0 %"
    assert near[3:5] == ("75.0 %", Interval(0.75, 0.65, 0.85))
    assert far[0] == "1000 m" and set(far[2:5]) == {NONE}
    assert sentences[0].startswith("Right 80 % of the time up to ")
    assert sentences[1].startswith("Checked on 30 test pictures")
    chart = distance_curves(same_recipe(runs))
    assert chart.curves[0].points == ((5.0, 0.9),)


def test_what_was_not_measured_has_no_column(leave_card):
    runs = [read_run(leave_card("a", card(zoom=1, distances=[1000])), "a")]
    ((table, sentences),) = distance_tables(runs)
    assert table.headers[:2] == ("distance", "pixels")
    assert len(table.headers) == len(table.rows[0]) == 4
    assert len(sentences) == 1
    assert distance_curves(same_recipe(runs)) is None


def test_runs_with_a_card_have_a_section(leave_card, leave_run, tmp_path):
    runs = [leave_card("<b>a", card()), leave_run("b")]
    page = page_of(runs, tmp_path)
    assert page.count('href="#distance"') == page.count('id="distance"') == 1
    assert "&lt;b&gt;a. A subject of 0.12 m" in page and "<b>a" not in page
    assert "distance in metres" in page
    assert "distance" not in page_of(runs[1:], tmp_path)


def test_a_text_of_a_stranger_is_not_shown(leave_card, tmp_path):
    found = {**card(), "sentence": "<script>alert(1)</script>"}
    page = page_of([leave_card("a", found)], tmp_path)
    assert "alert(1)" not in page and "Right 80 % of the time" in page


def test_a_damaged_card_leaves_the_previous_page(leave_card, tmp_path):
    page_of([leave_card("a", card())], tmp_path)
    before = (tmp_path / "report.html").read_bytes()
    damaged = leave_card("b", {**card(), "curve": "<b>"})
    with pytest.raises(ValueError, match="again, .* Received: run='b', "):
        page_of([damaged], tmp_path)
    assert (tmp_path / "report.html").read_bytes() == before
