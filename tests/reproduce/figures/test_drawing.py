import io
import shutil

import pytest
from PIL import Image
from rich.console import Console

from kerasfg.reproduce.check import GridFigure
from kerasfg.reproduce.figures import drawing as grid_drawing
from kerasfg.reproduce.figures.drawing import draw
from kerasfg.reproduce.results import GridResults
from kerasfg.run.features import plot_features


@pytest.fixture
def drawn(monkeypatch):
    """What the plots are called with, by their names."""
    calls = {}

    def record(name):
        def plot(*arguments):
            calls[name] = arguments[:-1]

        return plot

    for name in ("lines", "convergence", "frontier"):
        monkeypatch.setattr(grid_drawing, f"plot_{name}", record(name))
    return calls


@pytest.fixture
def make(rows, leave_run, tmp_path):
    """A function that gives results of all trainings, with a figure."""

    def make(grid=rows, trained=True, **figure):
        grid = grid.model_copy(update={"figure": GridFigure(**figure)})
        while trained:
            results = GridResults(grid, tmp_path / "out")
            if not results.missing():
                break
            for cell in results.missing():
                leave_run(
                    results.run(cell).path,
                    cell.recipe(grid, "/pictures", results.folder),
                    val_accuracy=0.5,
                    test_accuracy=0.7 if cell.method == "large" else 0.4,
                    euclidean=cell.euclidean,
                )
        results = GridResults(grid, tmp_path / "out")
        results.write()
        return results

    return make


def output(results, data=None):
    """Draws the figure and returns the output."""
    console = Console(file=io.StringIO(), width=200)
    draw(results, data, console)
    return console.file.getvalue()


def test_rows_are_numbers_and_methods_are_lines(make, drawn):
    methods = ("plain", "tuned")
    output(make(kind="accuracy", x="image_size", methods=methods))
    points, kind, label, log = drawn["lines"]
    assert (kind, label, log) == ("accuracy", "pixels of the picture", False)
    assert [(line, x, m["mean"]) for line, x, m in points] == [
        ("plain", 24, 0.4),
        ("tuned", 24, 0.4),
        ("plain", 32, 0.4),
        ("tuned", 32, 0.4),
    ]


def test_gains_are_those_over_the_baseline(make, drawn):
    output(make(kind="gain", methods=("plain", "euc")))
    points, *_ = drawn["lines"]
    assert [(line, x) for line, x, _ in points] == [("euc", 24), ("euc", 32)]
    output(make(kind="gain", methods=("large",)))
    points, *_ = drawn["lines"]
    # A method that changes the number itself stands where it has taken it.
    assert [x for _, x, _ in points] == [48, 48]
    assert points[0][2]["mean"] == pytest.approx(0.3)
    assert points[0][2]["n"] == 2


def test_methods_are_numbers_and_rows_are_lines(rows, make, drawn):
    methods = {
        "plain": {"dropout": 0.0},
        "more": {"dropout": 0.5},
        "other": {},  # has no such number
    }
    keys = {"px24": {"image_size": 24}, "px32": {"image_size": 32}}
    update = {"methods": methods, "rows": keys, "paper": {}, "average": keys}
    grid = rows.model_copy(update=update)
    output(make(grid, kind="accuracy", x="dropout", x_label="p", log=True))
    points, _, label, log = drawn["lines"]
    assert (label, log) == ("p", True)
    assert [(line, x) for line, x, _ in points] == [
        ("px24", 0.0),
        ("px24", 0.5),
        ("px32", 0.0),
        ("px32", 0.5),
    ]


def test_convergence_has_all_seeds_of_a_row(make, drawn):
    output(make(kind="convergence", methods=("large", "plain", "euc")))
    (histories,) = drawn["convergence"]
    assert list(histories) == ["large", "plain"]
    assert [len(runs) for runs in histories.values()] == [2, 2]
    assert histories["plain"][0] == [
        {"epoch": "1", "val_accuracy": "0.5", "seconds": "2"}
    ]
    output(make(kind="convergence", row="px32"))
    (histories,) = drawn["convergence"]
    assert list(histories) == ["plain", "large", "tuned"]  # it has no teacher


def test_the_frontier_has_what_was_timed(make, drawn):
    results = make(kind="frontier")
    digests = {
        (cell.row, cell.method): cell.digest(results.grid)
        for cell in results.cells()
        if cell.seed == results.grid.seeds[0]
    }
    results.file("-latency.csv").write_text(
        "row,method,milliseconds,bytes,recipe\n"
        f"px24,plain,1.5,9,{digests['px24', 'plain']}\n"
        f"px32,large,3.5,9,{digests['px32', 'large']}\n"
    )
    output(results)
    (points,) = drawn["frontier"]
    assert [point[:3] for point in points] == [
        ("plain", "px24", 1.5),
        ("large", "px32", 3.5),
    ]
    assert points[1][3]["mean"] == 0.7


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("accuracy", "no training has ended"),
        ("gain", "no training has ended"),
        ("convergence", "no run folder has a history"),
        ("frontier", "no exported file has been timed"),
        ("tsne", "t-SNE needs the first seed's models of 2 methods"),
        ("sheet", "a sheet needs the pictures: pass --data"),
    ],
)
def test_prints_why_nothing_is_drawn(make, kind, reason):
    results = make(trained=False, kind=kind)
    assert output(results) == f"No figure is drawn: {reason}\n"
    assert not results.file(".png").exists()


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("convergence", "no run folder has a history"),
        ("tsne", "t-SNE needs the first seed's models of 2 methods"),
    ],
)
def test_prints_that_only_records_are_left(make, kind, reason):
    shutil.rmtree(make(kind=kind).folder)
    results = make(trained=False, kind=kind)
    assert results.missing() == []
    assert output(results) == f"No figure is drawn: {reason}\n"


def test_a_time_without_a_training_is_no_point(make):
    results = make(trained=False, kind="frontier")
    results.file("-latency.csv").write_text(
        "row,method,milliseconds,bytes\npx24,plain,1.5,9\n"
    )
    reason = "no exported file has been timed"
    assert output(results) == f"No figure is drawn: {reason}\n"


def test_only_the_rows_that_are_named_are_drawn(make, drawn):
    output(make(kind="accuracy", methods=("plain",), rows=("px32",)))
    points, *_ = drawn["lines"]
    assert [(line, x) for line, x, _ in points] == [("plain", 32)]


@pytest.mark.parametrize("kind", ["accuracy", "gain", "convergence"])
def test_a_picture_is_left(make, kind):
    results = make(kind=kind)
    assert output(results) == ""
    with Image.open(results.file(".png")) as image:
        assert min(image.size) > 400


def test_a_sheet_has_the_pictures_of_each_row(
    make, picture_folder, monkeypatch, tmp_path
):
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    sheets = []
    monkeypatch.setattr(
        grid_drawing,
        "plot_resolution_sheet",
        lambda pixels, filepath: sheets.append(pixels),
    )
    output(make(trained=False, kind="sheet"), str(picture_folder))
    (pixels,) = sheets
    sizes = {name: cache.images.shape[1] for name, cache in pixels.items()}
    assert sizes == {"px24": 24, "px32": 32}


def test_features_are_drawn_side_by_side(bird_results, monkeypatch):
    names = []

    def plot(runs, *arguments, **options):
        names.extend(runs)
        return plot_features(runs, *arguments, **options)

    monkeypatch.setattr(grid_drawing, "plot_features", plot)
    results = bird_results()
    figure = GridFigure(
        kind="tsne", methods=("helped", "plain"), attributes=("tail",)
    )
    results.grid = results.grid.model_copy(update={"figure": figure})
    assert output(results) == ""
    assert names == ["helped", "plain"]
    with Image.open(results.file(".png")) as image:
        assert min(image.size) > 600
