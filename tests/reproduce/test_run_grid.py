import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import filelock
import numpy as np
import pytest
from rich.console import Console

from kerasfg.config.recipe import Recipe
from kerasfg.reproduce import run_grid as grid_run
from kerasfg.reproduce.check import GridFigure
from kerasfg.reproduce.progress import OVERHEAD_SECONDS
from kerasfg.reproduce.run_grid import run_grid


class Process:
    """Stands for `CellProcess`; it ends when it is asked the second time."""

    alive = []  # names of those that run, over all of them
    most = 0
    trained = []
    fails = ()
    leave_run = None

    def __init__(self, recipe, out, euclidean=""):
        self.recipe, self.out, self.euclidean = recipe, out, euclidean
        self.log = f"{out}.log"
        self.asked = 0
        Process.trained.append(out.name)
        Process.alive.append(out.name)
        Process.most = max(Process.most, len(Process.alive))

    def has_ended(self):
        self.asked += 1
        return self.asked > 1

    def seconds(self):
        return 60.0

    def kill(self):
        Process.alive.remove(self.out.name)

    def failure(self):
        Process.alive.remove(self.out.name)
        if self.out.name in Process.fails:
            return "it did not want to"
        accuracy = self.recipe.model.dropout
        Process.leave_run(
            self.out,
            self.recipe,
            accuracy,
            seconds=60,
            euclidean=self.euclidean,
        )
        return None


def estimate(results, pictures, jobs, say):
    """Stands for `estimate`, which times; a minute from start to end."""
    Process.pictures = pictures
    seconds = 60.0 - OVERHEAD_SECONDS
    return {(cell.row, cell.method): seconds for cell in results.missing()}


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


ALL = [
    "plain-3",
    "tuned-dropout=0.1-3",
    "tuned-dropout=0.3-3",
    "both-dropout=0.3-3",
    "plain-1",
    "tuned-dropout=0.3-1",
    "both-dropout=0.3-1",
]


def test_trains_each_cell_once_and_tells_the_time(run, tmp_path):
    results, lines = run()
    assert Process.trained == ALL
    assert lines[0] == "colours: 7 trainings, 0 of them done, about 7 min left"
    assert lines[1] == (
        "1 of 7: plain-3, validation 20.0 %, 60 s, about 6 min left"
    )
    assert lines[-1] == "7 of 7: both-dropout=0.3-1, validation 30.0 %, 60 s"
    assert (tmp_path / "out" / "colours.md").exists()
    _, lines = run(data=None)  # nothing is left to train
    assert Process.trained == []
    assert lines == ["colours: 7 trainings, 7 of them done"]
    assert [row["stage"] for row in results.rows()].count("final") == 6


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_so_many_run_at_once(run, jobs):
    run(jobs=jobs)
    assert Process.most == jobs
    assert sorted(Process.trained) == sorted(ALL)


def test_methods_are_trained_with_what_they_need(run):
    _, lines = run(methods=["both"])
    assert Process.trained == [*ALL[1:4], ALL[6]]
    assert lines[0] == "colours: 4 trainings, 0 of them done, about 4 min left"


def test_a_failed_cell_is_named_and_tried_again(run, tmp_path):
    fails = ("plain-3", "tuned-dropout=0.3-3")
    results, lines = run(fails=fails)
    assert set(results.failed) == set(fails)
    assert Process.trained[-1] == "both-dropout=0.1-1"  # without the better
    assert lines[1].startswith("Failed: plain-3: it did not want to (see ")
    table = (tmp_path / "out" / "colours.md").read_text()
    assert "Failed: `plain-3`: it did not want to" in table
    results, _ = run()
    assert results.failed == {}
    assert Process.trained == [
        "plain-3",
        "tuned-dropout=0.3-3",
        "both-dropout=0.3-3",
        "tuned-dropout=0.3-1",
        "both-dropout=0.3-1",
    ]


def test_one_that_leaves_nothing_has_failed(run, monkeypatch):
    monkeypatch.setattr(Process, "leave_run", lambda *args, **kwargs: None)
    results, lines = run(methods=["plain"])
    assert lines[1].startswith("Failed: plain-3: it wrote no result")
    assert set(results.failed) == {"plain-3", "plain-1"}


def test_an_interrupt_ends_what_runs(run, monkeypatch):
    def interrupt(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Process, "has_ended", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(jobs=2)
    assert len(Process.trained) == 2
    assert Process.alive == []


@pytest.mark.parametrize("data", [None, "absent"])
def test_says_what_pictures_it_needs(run, tmp_path, data):
    message = "must be told by --data.* three colours. Received: data="
    with pytest.raises(ValueError, match=message):
        run(data=data)
    assert not (tmp_path / "out").exists()


def test_pictures_may_be_those_of_a_published_data_set(run, awa2, monkeypatch):
    monkeypatch.chdir(awa2.parent)
    results, _ = run(data="awa2:awa2", methods=["plain"])
    assert not results.failed
    recipe = (results.run(results.cells()[0]).path / "recipe.toml").read_text()
    assert f'data = "awa2:{awa2}"' in recipe


# === Rows, teachers, and what is done in the end ===


def test_a_teacher_is_trained_before_its_student(run, rows):
    results, _ = run(grid=rows, jobs=3)
    assert results.failed == {}
    order = Process.trained
    assert len(order) == len(results.measured) == 20
    assert order.index("px24-large-0") < order.index("px24-taught-0")
    assert order.index("px24-large-1") < order.index("px24-taught-1")
    assert "euclidean" in results.run(results.cells()[0]).read_manifest()


def test_a_student_fails_with_its_teacher_and_no_other_does(
    run, rows, tmp_path
):
    results, lines = run(grid=rows, fails=("px24-large-1",))
    assert "px24-taught-1" not in Process.trained
    assert set(results.failed) == {"px24-large-1", "px24-taught-1"}
    assert lines[-1] == (
        "Failed: px24-taught-1: px24-large-1, its teacher, failed"
    )
    assert len(results.measured) == 18
    table = (tmp_path / "out" / "rows.md").read_text()
    assert "Failed: `px24-taught-1`: px24-large-1, its teacher" in table
    run(grid=rows)
    assert Process.trained == ["px24-large-1", "px24-taught-1"]


@pytest.mark.timeout(120)
def test_a_teacher_on_record_that_fails_is_not_trained_for_ever(
    run, rows, tmp_path
):
    run(grid=rows)
    shutil.rmtree(tmp_path / "out" / "rows")
    file = tmp_path / "out" / "rows.csv"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(x for x in lines if ",taught," not in x))
    results, lines = run(grid=rows, fails=("px24-large-1",))
    assert Process.trained == ["px24-large-0", "px24-taught-0", "px24-large-1"]
    assert set(results.failed) == {"px24-large-1", "px24-taught-1"}
    assert lines[-1].endswith("px24-large-1, its teacher, failed")


def test_a_student_of_an_earlier_teacher_does_not_count(run, rows, tmp_path):
    run(grid=rows)
    large = {"image_size": 48, "dropout": 0.4}
    methods = rows.methods | {"large": large}
    grid = rows.model_copy(update={"methods": methods})
    for folder in (tmp_path / "out" / "rows").glob("*-large-*"):
        shutil.rmtree(folder)
    results, _ = run(grid=grid)
    assert {name.split("-")[1] for name in Process.trained} == {"large"}
    assert set(results.failed) == {"px24-taught-0", "px24-taught-1"}
    for name in results.failed:
        shutil.rmtree(results.folder / name)
    results, _ = run(grid=grid)
    assert results.failed == {}
    assert Process.trained == ["px24-taught-0", "px24-taught-1"]


def test_rows_that_are_not_wanted_are_not_trained(run, rows, tmp_path):
    results, lines = run(grid=rows, rows=["px32"])
    assert {name.split("-")[0] for name in Process.trained} == {"px32"}
    assert lines[0].startswith(f"rows: {len(Process.trained)} trainings, 0 of")
    assert results.missing() == []
    # The table has them all the same.
    assert "| px24 |" in (tmp_path / "out" / "rows.md").read_text()
    run(grid=rows, rows=["px24"])
    assert {name.split("-")[0] for name in Process.trained} == {"px24"}


def test_the_pictures_of_each_cell_are_counted(run, rows):
    keys = {**rows.rows["px24"], "train_share": 0.5}
    grid = rows.model_copy(update={"rows": {**rows.rows, "px24": keys}})
    run(grid=grid)
    # Of 36 pictures 22 are to be trained on: 8, 7 and 7, and 4 of each class.
    assert Process.pictures["px24-plain-0"] == 12
    assert Process.pictures["px32-plain-0"] == 21


def test_all_pixels_are_prepared_before_two_want_them(
    run, grid, tmp_path, monkeypatch
):
    methods = {"plain": {}, "varied": {"augment_at": 48}}
    grid = grid.model_copy(update={"methods": methods})
    sizes = []
    prepare = grid_run.load_training_pixels

    def load(recipe):
        pixels = prepare(recipe)
        larger = pixels.training_images
        sizes.append(None if larger is None else larger.shape[1])
        return pixels

    monkeypatch.setattr(grid_run, "load_training_pixels", load)
    run(grid=grid)
    assert sizes == [None, 48]  # once for both seeds


def test_other_classes_are_drawn_by_each_seed(run, grid, monkeypatch):
    recipe = grid.recipe.with_options(classes=2)
    grid = grid.model_copy(update={"recipe": recipe, "methods": {"plain": {}}})
    drawn = []
    prepare = grid_run.load_training_pixels

    def load(recipe):
        drawn.append(recipe.training.seed)
        return prepare(recipe)

    monkeypatch.setattr(grid_run, "load_training_pixels", load)
    run(grid=grid)
    assert drawn == [3, 1]


@pytest.fixture
def ending(monkeypatch):
    """What is done after the trainings, in order, with its pictures."""
    done = []
    monkeypatch.setattr(
        grid_run,
        "measure_curves",
        lambda results, data, console: done.append(("curves", data)),
    )
    monkeypatch.setattr(
        grid_run,
        "measure_latencies",
        lambda results, data, console: done.append(("latencies", data)),
    )
    monkeypatch.setattr(
        grid_run,
        "draw",
        lambda results, data, console: done.append(("figure", data)),
    )
    return done


@pytest.fixture
def with_all(grid):
    """A grid of one method that wants all that is done in the end."""
    figure = GridFigure(kind="accuracy", x="dropout")
    update = {"resolutions": (8,), "latency": True, "figure": figure}
    update["methods"] = {"plain": {"dropout": 0.5}}
    return grid.model_copy(update=update)


def test_what_is_wanted_in_the_end_is_done_each_time(
    run, with_all, ending, picture_folder
):
    run(grid=with_all)
    place = str(picture_folder)
    names = ["curves", "latencies", "figure"]
    expected = [(name, place) for name in names]
    assert ending == expected
    ending.clear()
    run(grid=with_all, data=None)  # nothing is left to train
    assert Process.trained == []
    assert ending == [(name, None) for name, _ in expected]


def test_what_failed_does_not_keep_the_rest_from_being_done(
    run, with_all, ending
):
    run(grid=with_all, fails=("plain-1",))
    assert [name for name, _ in ending] == ["curves", "latencies", "figure"]


def test_a_grid_may_say_itself_where_its_pictures_are(run, with_all, ending):
    recipe = with_all.recipe.with_options(data="field_guide")
    grid = with_all.model_copy(
        update={"recipe": recipe.with_options(images_per_class=3)}
    )
    results, _ = run(grid=grid, data=None)
    assert results.failed == {}
    assert dict(ending)["figure"] == "field_guide"


def test_paths_of_a_grid_become_absolute_where_it_is_trained(
    run, grid, attributes, picture_folder, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    paths = {"data": picture_folder, "attributes": attributes}
    recipe = grid.recipe.with_options(
        **{key: os.path.relpath(path) for key, path in paths.items()}
    )
    grid = grid.model_copy(update={"recipe": recipe})
    results, _ = run(grid=grid, data=None, methods=["plain"])
    recipe = Recipe.from_toml(results.run(results.cells()[0]).recipe)
    assert os.path.isabs(recipe.data.path)
    assert os.path.isabs(recipe.attributes.table)
    results, _ = run(grid=grid, data=None, methods=["plain"])
    assert results.failed == {}
    assert Process.trained == []


def test_a_grid_that_says_where_its_pictures_are_is_not_told_so(run, with_all):
    recipe = with_all.recipe.with_options(data="field_guide")
    grid = with_all.model_copy(update={"recipe": recipe})
    with pytest.raises(ValueError, match="leave out --data. Received: data='/"):
        run(grid=grid)


def test_one_process_at_a_time_works_in_a_folder(run, tmp_path):
    folder = tmp_path / "out" / "colours"
    folder.mkdir(parents=True)
    with filelock.FileLock(folder / ".lock"):
        with pytest.raises(ValueError, match="uses this.*Received: folder="):
            run()
        assert Process.trained == []
    run()
    assert len(Process.trained) == len(ALL)


def test_pictures_that_are_named_must_be_there(run, with_all, ending):
    run(grid=with_all)
    with pytest.raises(ValueError, match="Received: data='absent'"):
        run(grid=with_all, data="absent")


# === With trainings in processes of their own ===


@pytest.fixture
def start(grid, tmp_path, picture_folder):
    """A function that starts the command on a grid of three methods."""
    text = (tmp_path / "colours.toml").read_text()
    text = text[: text.index("[methods.tuned]")].replace("[3, 1]", "[3]")
    text = text.replace("mobilenet_v3_small", "resnet_18")
    text += '[methods.broken]\nattributes = "{data}/absent.csv"\n'
    text += "[methods.long]\nepochs = 8\n"
    (tmp_path / "colours.toml").write_text(text)
    environment = {"KERASFG_CACHE": str(tmp_path / "cache"), "PATH": ""}

    def start():
        command = ["reproduce", "colours.toml", "--data", picture_folder]
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "kerasfg_cli", *command],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # As in a terminal: who started the tests may ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    return start


def rows(filepath):
    with open(filepath, newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_goes_on_where_it_was_interrupted(start, tmp_path):
    folder = tmp_path / "results" / "colours"
    process = start()
    while not (folder / "long-3" / "checkpoint.npz").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate()
    assert process.returncode == 130, errors
    assert "The same command goes on where it stopped." in errors
    assert "Failed: broken-3: " in output
    assert [row["method"] for row in rows(f"{folder}.csv")] == ["plain"]
    with np.load(folder / "long-3" / "checkpoint.npz") as checkpoint:
        before = json.loads(str(checkpoint["history"]))
    trained = (folder / "plain-3" / "model.keras").stat().st_mtime_ns

    process = start()
    output, errors = process.communicate()
    assert process.returncode == 1
    assert "colours: 3 trainings, 1 of them done" in output
    assert "3 of 3: long-3, validation" in output
    assert len(errors.splitlines()) == 1, errors  # not a word of TensorFlow
    assert "1 that failed" in errors
    assert (folder / "plain-3" / "model.keras").stat().st_mtime_ns == trained
    after = rows(folder / "long-3" / "history.csv")
    assert 0 < len(before) < len(after) == 8
    for mine, theirs in zip(before, after, strict=False):
        assert mine["seconds"] == float(theirs["seconds"])
    assert [row["epochs"] for row in rows(f"{folder}.csv")] == ["1", "8"]
    files = sorted(file.name for file in folder.iterdir())
    assert files == [".lock", "broken-3.log", "long-3", "plain-3"]
    assert "Traceback" in (folder / "broken-3.log").read_text()
