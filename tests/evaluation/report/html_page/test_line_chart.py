import math

import pytest

from kerasfg.evaluation.report.html_page.line_chart import Curve
from kerasfg.evaluation.report.html_page.line_chart import LineChart
from kerasfg.evaluation.report.html_page.line_chart import learning_curves
from kerasfg.evaluation.report.html_page.line_chart import resolution_curves
from kerasfg.evaluation.report.html_page.same_recipe import same_recipe
from kerasfg.evaluation.report.html_page.saved_run import read_run


def chart(*xs, **options):
    points = tuple((x, 0.5) for x in xs)
    return LineChart("", "", [Curve("a", 0, points)], **options)


def test_ends_of_the_scales_are_those_of_the_drawing():
    drawn = chart(1, 5, 9)
    assert (drawn.x(1), drawn.x(9)) == (drawn.left, drawn.right)
    assert drawn.x(5) == (drawn.left + drawn.right) / 2
    assert (drawn.y(0), drawn.y(1)) == (drawn.bottom, drawn.top)


def test_twice_as_much_is_one_step_on_a_logarithmic_scale():
    drawn = chart(8, 16, 32, 64, logarithmic=True)
    steps = [drawn.x(2 * x) - drawn.x(x) for x in (8, 16, 32)]
    assert max(steps) - min(steps) < 0.2  # places have one digit


def test_single_point_lies_in_the_middle():
    drawn = chart(7)
    assert drawn.x(7) == (drawn.left + drawn.right) / 2
    assert drawn.path(drawn.curves[0]) == f"{drawn.x(7)},{drawn.y(0.5)}"


@pytest.mark.parametrize("count", [1, 12, 13, 500])
def test_labels_have_room(count):
    ticks = chart(*range(1, count + 1)).x_ticks
    assert 1 <= len(ticks) <= 12
    assert ticks[0][1] == "1"


def test_learning_curves_are_the_validation_accuracies(leave_run):
    folders = [leave_run("a"), leave_run("b", size=64), leave_run("c", seed=1)]
    header = "epoch,val_accuracy\n"
    (folders[1] / "history.csv").write_text(header + "1,0.5\n2,\n3,nan\n4,1\n")
    runs = [read_run(folder, folder.name) for folder in folders]
    curves = learning_curves(same_recipe(runs)).curves
    assert [(c.name, c.color) for c in curves] == [("a", 0), ("c", 0), ("b", 1)]
    assert curves[0].points == ((1, 0.25), (2, 0.5))
    assert curves[2].points == ((1, 0.5), (4, 1))  # gaps are left out
    assert all(math.isfinite(y) for c in curves for _, y in c.points)


def test_curves_that_nothing_is_known_of_are_not_drawn(leave_run):
    folder = leave_run("a")
    (folder / "history.csv").unlink()
    groups = same_recipe([read_run(folder, "a")])
    assert learning_curves(groups) is None
    assert resolution_curves(groups) is None


def test_resolution_curves_have_their_intervals(leave_run):
    rows = [{"resolution": 8, "top_1": 0.5, "top_1_interval": [0.25, 0.75]}]
    folder = leave_run("a", resolutions=rows)
    drawn = resolution_curves(same_recipe([read_run(folder, "a")]))
    assert drawn.curves == [Curve("a", 0, ((8, 0.5),), ((8, 0.25, 0.75),))]
    assert drawn.colors == {0}
