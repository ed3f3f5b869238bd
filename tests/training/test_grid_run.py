import csv
import io
import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from rich.console import Console

from kerasfg.training import grid_run
from kerasfg.training.grid_run import run_grid


class Process:
    """Stands for `CellProcess`; it ends when it is asked the second time."""

    alive = []  # names of those that run, over all of them
    most = 0
    trained = []
    fails = ()
    leave_run = None

    def __init__(self, recipe, out):
        self.recipe, self.out = recipe, out
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
        Process.leave_run(self.out, self.recipe, accuracy, seconds=60)
        return None


@pytest.fixture
def run(grid, leave_run, tmp_path, picture_folder, monkeypatch):
    """A function that runs the grid without training; gives what it says."""
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(grid_run, "CellProcess", Process)
    monkeypatch.setattr(grid_run, "POLL_SECONDS", 0)
    monkeypatch.setattr(Process, "leave_run", leave_run)
    for name in ("alive", "trained"):
        monkeypatch.setattr(Process, name, [])
    monkeypatch.setattr(Process, "most", 0)

    def run(data=picture_folder, fails=(), **options):
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
    assert lines[0] == "colours: 7 trainings, 0 of them done"
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
    assert lines[0] == "colours: 4 trainings, 0 of them done"


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
    assert lines[1].startswith("Failed: plain-3: it left no result")
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


# === With trainings in processes of their own ===


@pytest.fixture
def start(grid, tmp_path, picture_folder):
    """A function that starts the command on a grid of three methods."""
    text = (tmp_path / "colours.toml").read_text()
    text = text[: text.index("[methods.tuned]")].replace("[3, 1]", "[3]")
    text += '[methods.broken]\nattributes = "{data}/absent.csv"\n'
    text += "[methods.long]\nepochs = 60\n"
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
    assert 0 < len(before) < len(after) == 60
    for mine, theirs in zip(before, after, strict=False):
        assert mine["seconds"] == float(theirs["seconds"])
    assert [row["epochs"] for row in rows(f"{folder}.csv")] == ["1", "60"]
    files = sorted(file.name for file in folder.iterdir())
    assert files == ["broken-3.log", "long-3", "plain-3"]
    assert "Traceback" in (folder / "broken-3.log").read_text()
