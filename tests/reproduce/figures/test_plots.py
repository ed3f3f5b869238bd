import math

import numpy as np
import pytest
from PIL import Image

from kerasfg.evaluation.metrics.mean_and_spread import mean_and_spread
from kerasfg.reproduce.figures import plots as grid_plot
from kerasfg.reproduce.figures.plots import plot_convergence
from kerasfg.reproduce.figures.plots import plot_frontier
from kerasfg.reproduce.figures.plots import plot_lines

AWKWARD = ["$x_1$ $", "野鳥", "_hidden", "a_long_name " * 4]


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """A function that draws, and returns the axes of the one figure."""
    figures = []
    save = grid_plot.save_figure

    def keep(figure, filepath):
        figures.append(figure)
        save(figure, filepath)

    monkeypatch.setattr(grid_plot, "save_figure", keep)

    def draw(plot, *arguments):
        filepath = tmp_path / "figure.png"
        plot(*arguments, filepath)
        with Image.open(filepath) as image:
            assert min(image.size) > 400
            assert (np.asarray(image.convert("RGB")) != 255).any()
        (figure,) = figures
        return figure.axes

    return draw


def texts(labels):
    return [label.get_text() for label in labels]


def measured(*values):
    return mean_and_spread(list(values))


def names_of(axes):
    return texts(axes.figure.legends[0].get_texts())


def test_lines_are_the_means_with_the_spread_of_the_seeds(drawn):
    points = [
        ("slow", 64, measured(0.5, 0.7)),
        ("fast", 32, measured(0.25)),
        ("slow", 32, measured(0.2, 0.4)),
    ]
    (axes,) = drawn(plot_lines, points, "accuracy", "pixels", False)
    slow, fast = axes.containers
    assert slow.lines[0].get_xydata() == pytest.approx(
        np.array([[32, 0.3], [64, 0.6]])
    )
    assert fast.lines[0].get_xydata().tolist() == [[32, 0.25]]
    (bars,) = slow.lines[2]
    first, _ = bars.get_segments()
    # Two numbers that lie 0.2 apart have a spread of 0.2 / sqrt(2).
    expected = [0.3 - 0.2 / math.sqrt(2), 0.3 + 0.2 / math.sqrt(2)]
    assert first[:, 1] == pytest.approx(expected)
    assert names_of(axes) == ["slow", "fast"]
    assert axes.get_xlabel() == "pixels"
    assert axes.get_ylabel() == "test accuracy"
    assert texts(axes.get_xticklabels()) == ["32", "64"]


def test_zero_stands_at_the_left_of_a_logarithmic_axis(drawn):
    weights = [0.1, 0.0, 0.01, 1.0]
    points = [("one", weight, measured(weight)) for weight in weights]
    (axes,) = drawn(plot_lines, points, "accuracy", "weight", True)
    x, y = axes.containers[0].lines[0].get_data()
    assert list(x) == [0, 1, 2, 3]
    assert list(y) == [0.0, 0.01, 0.1, 1.0]
    assert texts(axes.get_xticklabels()) == ["0", "0.01", "0.1", "1"]


def test_gains_are_in_points_with_a_line_for_the_baseline(drawn):
    points = [("one", x, measured(y)) for x, y in ((1, 0.021), (2, -0.03))]
    (axes,) = drawn(plot_lines, points, "gain", "share", False)
    assert axes.get_ylabel() == "points above the baseline"
    form = axes.yaxis.get_major_formatter()
    assert [form(y, 0) for y in (-0.02, 0.0, -1e-9, 0.005)] == [
        "-2",
        "0",
        "0",
        "+0.5",
    ]
    (zero,) = [line for line in axes.lines if line.get_linestyle() == ":"]
    assert list(zero.get_ydata()) == [0, 0]


def test_close_accuracies_have_different_ticks(drawn):
    points = [("one", x, measured(0.5 + x / 1000)) for x in range(4)]
    (axes,) = drawn(plot_lines, points, "accuracy", "x", False)
    labels = texts(axes.get_yticklabels())
    assert len(set(labels)) == len(labels)
    assert "50.1 %" in labels


def test_convergence_is_the_mean_of_the_seeds_by_epochs_and_seconds(drawn):
    runs = [
        [{"val_accuracy": str(a), "seconds": str(s)} for a, s in run]
        for run in (
            [(0.2, 10), (0.4, 20)],
            [(0.4, 30), (0.6, 20), (0.9, 20)],  # the other one ended earlier
        )
    ]
    by_epoch, by_time = drawn(plot_convergence, {"lcv": runs})
    assert by_epoch.lines[0].get_xydata() == pytest.approx(
        np.array([[1, 0.3], [2, 0.5]])
    )
    assert by_time.lines[0].get_xydata() == pytest.approx(
        np.array([[20, 0.3], [40, 0.5]])
    )
    assert names_of(by_epoch) == ["lcv"]
    assert by_epoch.get_ylabel() == "validation accuracy"
    assert by_time.get_xlabel() == "seconds of training"


def test_a_frontier_joins_what_beats_all_that_is_faster(drawn):
    points = [
        ("native", "px32", 0.5, measured(0.5, 0.6)),
        ("slow", "px32", 4.0, measured(0.7)),
        ("wasteful", "px32", 2.0, measured(0.4)),
        ("native", "px16", 0.25, measured(0.3)),
        ("slow", "px16", 2.0, measured(0.3)),
    ]
    (axes,) = drawn(plot_frontier, points)
    assert axes.get_xscale() == "log"
    px32, px16 = (line for line in axes.lines if line.get_linestyle() == "-")
    assert px32.get_xydata() == pytest.approx(
        np.array([[0.5, 0.55], [4.0, 0.7]])
    )
    assert px16.get_xydata().tolist() == [[0.25, 0.3]]
    assert px32.get_color() != px16.get_color()
    drawn_points = [bar.lines[0] for bar in axes.containers]
    assert len(drawn_points) == len(points)
    markers = {line.get_marker() for line in drawn_points}
    assert len(markers) == 3  # one for each method
    labels = texts(axes.get_xticklabels())
    assert {"0.5", "1", "2"} <= set(labels)
    assert names_of(axes) == ["native", "slow", "wasteful"]
    assert texts(axes.get_legend().get_texts()) == ["px32", "px16"]


def test_a_frontier_without_rows_names_the_methods_alone(drawn):
    points = [("native", "", 0.5, measured(0.5))]
    (axes,) = drawn(plot_frontier, points)
    assert names_of(axes) == ["native"]
    assert axes.get_legend() is None


@pytest.mark.parametrize("kind", ["lines", "convergence", "frontier"])
def test_any_name_is_drawn_as_it_is(drawn, kind):
    if kind == "lines":
        points = [(name, 1, measured(0.5)) for name in AWKWARD]
        axes = drawn(plot_lines, points, "accuracy", "x", False)
    elif kind == "convergence":
        rows = [{"val_accuracy": "0.5", "seconds": "1"}]
        axes = drawn(plot_convergence, dict.fromkeys(AWKWARD, [rows]))
    else:
        points = [(name, name, 1.0, measured(0.5)) for name in AWKWARD]
        axes = drawn(plot_frontier, points)
    legends = [names_of(axes[0])]
    if kind == "frontier":
        legends.append(texts(axes[0].get_legend().get_texts()))
    for names in legends:
        assert len(names) == len(AWKWARD)
        assert [names[0], *names[2:]] == [AWKWARD[0], *AWKWARD[2:]]
