import csv
import io
import json
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
        def plot(*arguments, **beside):
            calls[name] = arguments[:-1]
            calls["beside"] = beside

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


def test_the_gain_may_stand_beside_the_accuracy(make, drawn):
    methods = ("plain", "large")
    output(make(kind="accuracy", gain=True, methods=methods))
    points, kind, *_ = drawn["lines"]
    assert (kind, len(points)) == ("accuracy", 4)
    gains = drawn["beside"]["gains"]
    assert [line for line, _, _ in gains] == ["large", "large"]
    assert gains[0][2]["mean"] == pytest.approx(0.3)
    output(make(kind="accuracy", methods=methods))
    assert drawn["beside"] == {}


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


def test_convergence_of_several_rows_is_kept_in_files(make, drawn):
    figure = {"rows": ("px32", "px24"), "methods": ("plain", "tuned")}
    results = make(kind="convergence", **figure)
    output(results)
    (histories,) = drawn["convergence"]
    names = ["px32, plain", "px32, tuned", "px24, plain", "px24, tuned"]
    assert list(histories) == names
    table = results.file("-epochs.md").read_text()
    assert "| after epoch | 1 |\n" in table
    assert "| px24, tuned | 50.0 |\n" in table
    kept = results.file("-history.csv").read_text()
    assert len(kept.splitlines()) == 1 + 4 * 2
    shutil.rmtree(results.folder)
    results = make(trained=False, kind="convergence", **figure)
    output(results)
    (again,) = drawn["convergence"]
    assert list(again) == names
    assert results.file("-history.csv").read_text() == kept
    assert results.file("-epochs.md").read_text() == table


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
        ("look_alikes", "a sheet needs the pictures: pass --data"),
    ],
)
def test_prints_why_nothing_is_drawn(make, kind, reason):
    results = make(trained=False, kind=kind)
    assert output(results) == f"No figure is drawn: {reason}\n"
    assert not results.file(".png").exists()


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
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


def test_a_sheet_has_pictures_of_each_row(make, picture_folder, monkeypatch):
    sheets = []
    monkeypatch.setattr(
        grid_drawing,
        "plot_resolution_sheet",
        lambda sets, sizes, filepath: sheets.append((sets, sizes)),
    )
    results = make(trained=False, kind="sheet", sizes=(8, 12))
    assert output(results, str(picture_folder)) == ""
    ((sets, sizes),) = sheets
    assert (list(sets), sizes) == (["px24", "px32"], (8, 12))
    for _, pixels in sets["px24"]:
        assert [pixels[size].shape for size in sizes] == [
            (8, 8, 3),
            (12, 12, 3),
        ]


def test_look_alikes_are_those_of_the_baseline(
    make, rows, picture_folder, monkeypatch
):
    drawn = []
    monkeypatch.setattr(
        grid_drawing,
        "plot_look_alikes",
        lambda pairs, sizes, filepath: drawn.append((pairs, sizes)),
    )
    names = sorted(f.name for f in picture_folder.iterdir() if f.is_dir())
    results = make(kind="look_alikes", sizes=(16, 8))
    reason = "No figure is drawn: no run folder has a report with mistakes\n"
    assert output(results, str(picture_folder)) == reason
    for cell in results.cells():
        report = json.loads(results.run(cell).report.read_text())
        is_shown = (cell.row, cell.method, cell.seed) == ("px24", "plain", 0)
        pair = {"true": names[0], "predicted": names[1 if is_shown else 0]}
        report["test"]["worst_pairs"] = [pair]
        results.run(cell).report.write_text(json.dumps(report))
    assert output(results, str(picture_folder)) == ""
    (([pair], sizes),) = drawn
    assert [name for name, _ in pair] == names[:2]
    assert sizes == (16, 8)


@pytest.mark.slow
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
    with open(results.file("-silhouettes.csv"), newline="") as file:
        lines = list(csv.DictReader(file))
    found = [(line["method"], line["seed"], line["of"]) for line in lines]
    assert found == [
        ("helped", "0", "class"),
        ("helped", "0", "tail"),
        ("plain", "0", "class"),
        ("plain", "0", "tail"),
    ]
    assert all(-1 <= float(line["silhouette"]) <= 1 for line in lines)
