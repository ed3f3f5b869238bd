"""Signals, and two commands in one folder."""

import os
import signal
import subprocess
import sys
import time

import pytest
from command_line import kerasfg

from kerasfg.folder_lock import locked_folder

# Waits inside an export's folder, as the command line would.
WAITS = """
import sys, time
import kerasfg_cli
from kerasfg_cli.options import register_bare_package
register_bare_package()
from kerasfg.export.replaced_files import replaced_files

@sys.modules["kerasfg_cli.app"].app.command()
def wait():
    with replaced_files(out):
        print("waiting", flush=True)
        time.sleep(60)

sys.argv[1:], out = ["wait"], sys.argv[1]
kerasfg_cli.main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_no_hidden_folder(tmp_path, number):
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", WAITS, str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    first = process.stdout.readline()
    process.send_signal(number)
    _, error = process.communicate(timeout=30)
    assert first == "waiting\n", error
    assert process.returncode == -number
    assert error.endswith(f"Ended by {number.name}.\n")
    assert not list(tmp_path.iterdir())


def begin(run):
    run.mkdir()
    (run / "recipe.toml").write_text('[data]\npath = "field_guide"\n')
    return run


@pytest.mark.parametrize(
    "options", [["--resume"], ["--data", "field_guide", "--out"]]
)
def test_the_second_training_is_told_who_holds_the_folder(tmp_path, options):
    run = begin(tmp_path / "run")
    with locked_folder(run, "training"):
        began = time.monotonic()
        found = kerasfg("train", *options, run)
        assert time.monotonic() - began < 30  # without TensorFlow
    assert found.returncode == 1
    assert f"in use by process {os.getpid()} on" in found.stderr


def test_resume_of_an_ended_training_says_so(tmp_path):
    run = begin(tmp_path / "run")
    (run / "kerasfg.json").write_text("{}")
    (run / "report.json").write_text('{"format": 1, "val": {}, "test": {}}')
    found = kerasfg("train", "--resume", run, "--json")
    assert "has ended already" in found.stderr
    assert '"format": 1' in found.stdout
    assert found.returncode == 0
    found = kerasfg("train", "--resume", run)
    assert "report.json is not one of `kerasfg train`" in found.stderr
    assert found.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["phone", "x", "--out", "app", "--https"], "add --serve"),
        (["export", "x", "--out", "o", "--frame-size", "0"], "--frame-size"),
        (
            ["train", "--data", "nothing", "--pooling-dim", "9"],
            "Warning: --pooling-dim has no effect without --pooling",
        ),
        (["train", "--data", "a[/x]\x1b[31m"], r"a[/x]\x1b[31m'"),
    ],
)
def test_one_line_for_what_has_no_effect_or_is_odd(
    arguments, expected, tmp_path
):
    found = kerasfg(*arguments, cwd=tmp_path)
    assert found.returncode
    assert expected in found.stderr
