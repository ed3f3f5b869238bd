"""Grids that come with the package, on a few tiny pictures.

The recipes of all of them are checked in test_grid.py.
"""

import csv
import io
import re
import types

import pytest
from rich.console import Console
from stand_ins import draw
from stand_ins import numbered
from stand_ins import write

from kerasfg.config.attributes import packaged_attributes
from kerasfg.data.attributes import AttributeTable
from kerasfg.evaluation.report.history import read_history
from kerasfg.reproduce import cell_process
from kerasfg.reproduce import euclidean
from kerasfg.reproduce import run_grid as grid_run
from kerasfg.reproduce.grid import Grid
from kerasfg.reproduce.grid import find_grid_file
from kerasfg.reproduce.method import GridMethod
from kerasfg.reproduce.run_grid import run_grid
from kerasfg.training.checkpoint import Checkpoint

# A folder with a table of attributes, one without, a figure of pictures, and an
# archive as it was published.
GRIDS = [
    ("small", "paper1_table1"),
    ("small", "mixed_resolution"),
    ("small", "paper1_fig1"),
    ("full", "paper1_table1"),
]
# What is not 0 in a grid becomes this, so that a training takes a second.
TINY = {
    "image_size": 16,
    "images_per_class": 5,
    "crop_from": 18,
    "upsample_to": 32,
    "augment_at": 32,
    "train_resolutions": [8, 16],
    "epochs": 2,
    "head_epochs": 1,
    "batch_size": 16,
    "pooling_dim": 8,
}


def tiny(grid):
    """One seed and one row of a grid, of small pictures and few epochs."""
    sections = grid.recipe.model_dump().values()
    options = {k: v for section in sections for k, v in shrunk(section).items()}
    row = next(iter(grid.rows), None)
    return grid.model_copy(
        update={
            "seeds": grid.seeds[:1],
            "recipe": grid.recipe.with_options(**options),
            "rows": {row: grid.rows[row] | shrunk(grid.rows[row])}
            if row
            else {},
            "methods": {m: k | shrunk(k) for m, k in grid.methods.items()},
            "resolutions": grid.resolutions and (8, 16),
        }
    )


def shrunk(keys):
    return {key: TINY[key] for key, v in keys.items() if key in TINY and v}


def method_of(grid):
    """The one that changes most, of those that need no other one."""
    row = next(iter(grid.rows), "")
    alone = {}
    for name in grid.methods_of(row):
        method = GridMethod(grid.methods[name])
        if method.trials == 1 and not method.sources and not method.teacher:
            alone[name] = -1 if method.euclidean else len(method.keys)
    return max(alone, key=alone.get)


# === The pictures, in the folders and layouts that the grids want ===


def folder_of_classes(root, names, each=5):
    for label, name in enumerate(names):
        for number in range(each):
            draw(root / name / f"{number}.png", label, number)


def attribute_names(scale):
    """All that the grids of a scale name."""
    names = {}
    for grid in (Grid.find(name, scale) for of, name in GRIDS if of == scale):
        keys = [*grid.rows.values(), *grid.methods.values()]
        found = [grid.recipe.attributes.names]
        found += [k["attribute"] for k in keys if "attribute" in k]
        names |= dict.fromkeys(x for attribute in found for x in attribute)
    return list(names)


ANIMALS = [f"animal_{i:02}" for i in range(12)]
BIRDS = [f"bird_{i:02}" for i in range(12)]


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """The folders of pictures."""
    root = tmp_path_factory.mktemp("small")
    flowers = AttributeTable.from_csv(packaged_attributes("flowers17_form"))
    folder_of_classes(root / "flowers17", flowers.class_names)
    folder_of_classes(root / "birds_cub80", BIRDS)
    attributes = attribute_names("small")
    assert "has_shape::perching-like" in attributes
    lines = ["class,attribute,value"]
    for i, name in enumerate(BIRDS):
        for j, attribute in enumerate(attributes):
            lines.append(f"{name},{attribute},{(i + j) % 2}")
    write(root / "birds_cub80" / "attributes.csv", lines)
    return root


@pytest.fixture(scope="session")
def full(tmp_path_factory):
    """The archives as they were published: of AwA2."""
    root = tmp_path_factory.mktemp("full") / "awa2"
    attributes = attribute_names("full")
    for label, name in enumerate(ANIMALS):
        for i in range(8):
            draw(root / "JPEGImages" / name / f"{name}_{i}.jpg", label, i)
    write(root / "classes.txt", numbered(ANIMALS))
    write(root / "predicates.txt", numbered(attributes))
    matrix = [
        " ".join(str((i + j) % 2) for j in range(len(attributes)))
        for i in range(len(ANIMALS))
    ]
    write(root / "predicate-matrix-binary.txt", matrix)
    return root.parent


# === The test ===


class InThisProcess:
    """Stands for `CellProcess`; it trains at once."""

    def __init__(self, recipe, out, euclidean=""):
        cell_process._train(recipe.to_toml(), out, euclidean)

    def has_ended(self):
        return True

    def seconds(self):
        return 1.0

    def failure(self):
        return None


@pytest.fixture
def saved(small_network, monkeypatch):
    """Counts the epochs that are saved, and stops after some of them."""
    counter = types.SimpleNamespace(epochs=0, stop_after=0)
    save, write_report = Checkpoint.save, euclidean.write_report

    def stop():
        if counter.stop_after == 1:
            raise KeyboardInterrupt

    def save_and_stop(checkpoint):
        save(checkpoint)
        counter.epochs += 1
        stop()

    def stop_and_write(report, filepath):
        stop()
        write_report(report, filepath)

    monkeypatch.setattr(Checkpoint, "save", save_and_stop)
    monkeypatch.setattr(euclidean, "write_report", stop_and_write)
    monkeypatch.setattr(grid_run, "CellProcess", InThisProcess)
    monkeypatch.setattr(grid_run, "POLL_SECONDS", 0)
    monkeypatch.setattr(grid_run, "estimate", lambda *args: {})
    monkeypatch.setattr(grid_run, "measure_latencies", lambda *args: None)
    return counter


@pytest.mark.slow
@pytest.mark.parametrize(("scale", "name"), GRIDS)
def test_starts_runs_one_cell_and_resumes(
    scale, name, saved, request, tmp_path
):
    head = find_grid_file(name, scale).read_text()
    place = request.getfixturevalue(scale)
    if scale == "small":
        match = re.search(r"--data DIR/?(\S*)", head)
        place = place / match[1] if match else None  # it draws its own
    grid = tiny(Grid.find(name, scale))
    if scale == "full":
        place /= grid.recipe.data.path.split(":")[0]
    method = method_of(grid)
    options = {
        "data": place,
        "out": tmp_path / "out",
        "methods": [method],
        "console": Console(file=io.StringIO(), width=200),
    }

    saved.stop_after = 1
    with pytest.raises(KeyboardInterrupt):
        run_grid(grid, **options)
    assert not list((tmp_path / "out").glob("*/*/kerasfg.json"))
    begun = saved.epochs
    saved.stop_after = 0
    results = run_grid(grid, **options)

    output = options["console"].file.getvalue()
    assert results.failed == {}, output
    (cell,) = results.measured_cells()
    assert cell.final
    assert f"1 of 1: {cell.name}, validation" in output
    if not cell.euclidean:
        settings = cell.recipe(grid, place).training
        assert begun == 1
        assert saved.epochs == settings.head_epochs + settings.epochs
        assert len(read_history(results.run(cell).history)) == saved.epochs
    with open(results.file(".csv"), newline="") as file:
        (line,) = csv.DictReader(file)
    assert (line["method"], line["stage"]) == (method, "final")
    table = results.file(".md").read_text()
    assert table.startswith(f"# {grid.title}\n")
    assert f"| {method} |" in table
    assert ("**Stand-in" in table) == bool(grid.stand_in)
    if grid.figure and grid.figure.kind == "look_alikes":
        assert results.file(".png").exists()
