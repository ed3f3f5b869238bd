"""A grid whose trainings are processes of their own, interrupted."""

import csv
import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest


@pytest.fixture
def start(grid, tmp_path, picture_folder):
    """A function that starts the command on a grid of three methods."""
    text = (tmp_path / "colours.toml").read_text()
    text = text[: text.index("[methods.tuned]")].replace("[3, 1]", "[3]")
    text = text.replace("mobilenet_v3_small", "mobilenet_v1_025")
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
    assert "The same command continues where it stopped." in errors
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
    assert "1 failed trainings" in errors
    assert (folder / "plain-3" / "model.keras").stat().st_mtime_ns == trained
    after = rows(folder / "long-3" / "history.csv")
    assert 0 < len(before) < len(after) == 8
    for mine, theirs in zip(before, after, strict=False):
        assert mine["seconds"] == float(theirs["seconds"])
    assert [row["epochs"] for row in rows(f"{folder}.csv")] == ["1", "8"]
    files = sorted(file.name for file in folder.iterdir())
    assert files == [".lock", "broken-3.log", "long-3", "plain-3"]
    assert "Traceback" in (folder / "broken-3.log").read_text()
