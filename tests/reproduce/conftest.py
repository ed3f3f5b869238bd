"""Grids of trainings that take a second."""

import io
import json
import shutil

import pytest
from rich.console import Console
from stand_ins import Process
from stand_ins import estimate

from kerasfg.manifest import make_manifest
from kerasfg.manifest import write_manifest
from kerasfg.reproduce import run_grid as grid_run
from kerasfg.reproduce.grid import Grid
from kerasfg.reproduce.results import GridResults
from kerasfg.reproduce.run_grid import run_grid

GRID = """
title = "A grid for tests"
data = "three colours"
seeds = [3, 1]
baseline = "plain"

[recipe.data]
image_size = 32

[recipe.model]
backbone = "mobilenet_v3_small"
weights = "none"
output_stride = 32

[recipe.training]
epochs = 1
batch_size = 8

[methods.plain]

[methods.tuned]
dropout = [0.1, 0.3]

[methods.both]
attention = true
dropout = { from = "tuned" }
"""


@pytest.fixture
def grid(tmp_path):
    """A grid that tunes one method and takes what was chosen for another."""
    (tmp_path / "colours.toml").write_text(GRID)
    return Grid.from_toml(tmp_path / "colours.toml")


ROWS = """
title = "Rows for tests"
data = "three colours"
seeds = [0, 1]
baseline = "plain"

[recipe.data]
image_size = 32

[recipe.model]
output_stride = 32

[recipe.training]
epochs = 1
batch_size = 8

[rows.px24]
image_size = 24

[rows.px32]
image_size = 32
without = ["taught"]

[methods.euc]
euclidean = "neighbour"

[methods.plain]

[methods.large]
image_size = 48

[methods.taught]
teacher = { run_of = "large" }

[methods.tuned]
dropout = [0.1, 0.3]

[paper.px24]
plain = 40.0
taught = 42.5
"""


@pytest.fixture
def rows(tmp_path):
    """A grid of two rows, one of them without the method with a teacher."""
    (tmp_path / "rows.toml").write_text(ROWS)
    return Grid.from_toml(tmp_path / "rows.toml")


BIRDS = """
title = "Birds for tests"
data = "the field guide"
seeds = [0]
baseline = "plain"

[recipe.data]
path = "field_guide"
images_per_class = 8
image_size = 16

[recipe.training]
epochs = 1

[methods.plain]

[methods.helped]
attention = true
attributes = "field_guide"
"""


@pytest.fixture
def bird_results(birds, tmp_path):
    """A function that makes results of `birds`, whose runs may be changed."""

    def bird_results(more=""):
        """Adds `more` keys to the grid."""
        file = tmp_path / "birds.toml"
        file.write_text(BIRDS.replace("\n[recipe", f"\n{more}\n[recipe", 1))
        for name in ("plain", "helped"):
            folder = tmp_path / "out" / "birds" / f"{name}-0"
            if not folder.exists():
                shutil.copytree(birds / name, folder)
        return GridResults(Grid.from_toml(file), tmp_path / "out")

    return bird_results


@pytest.fixture
def leave_run():
    """A function that leaves what a training of a cell does."""

    def leave(
        folder,
        recipe,
        val_accuracy=0.5,
        test_accuracy=0.5,
        seconds=2,
        euclidean="",
        **more,
    ):
        """Adds `more` to the test part of the report."""
        folder.mkdir(parents=True, exist_ok=True)
        test = {
            "top_1": test_accuracy,
            "calibration": {"nll": 1.25},
            "attributes": {"wings": {"rate": 0.25}},
            **more,
        }
        report = {"format": 1, "val": {"top_1": val_accuracy}, "test": test}
        more = {"euclidean": euclidean} if euclidean else {}
        history = f"epoch,val_accuracy,seconds\n1,{val_accuracy},{seconds}\n"
        (folder / "recipe.toml").write_text(recipe.to_toml())
        if not euclidean:
            (folder / "history.csv").write_text(history)
            (folder / "model.keras").touch()
        (folder / "report.json").write_text(json.dumps(report))
        write_manifest(make_manifest(32, ["amber", "blue"], more), folder)

    return leave


@pytest.fixture
def run(grid, leave_run, tmp_path, picture_folder, monkeypatch):
    """A function that runs a grid without training; gives what it says."""
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(grid_run, "estimate", estimate)
    monkeypatch.setattr(grid_run, "CellProcess", Process)
    monkeypatch.setattr(grid_run, "POLL_SECONDS", 0)
    monkeypatch.setattr(Process, "leave_run", leave_run)
    for name in ("alive", "trained"):
        monkeypatch.setattr(Process, name, [])
    monkeypatch.setattr(Process, "most", 0)

    def run(data=picture_folder, fails=(), grid=grid, **options):
        Process.fails = fails
        Process.trained.clear()
        output = io.StringIO()
        console = Console(file=output, width=120)
        results = run_grid(
            grid, data, tmp_path / "out", console=console, **options
        )
        return results, output.getvalue().splitlines()

    return run
