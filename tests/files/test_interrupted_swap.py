"""An export that is killed while it replaces the files of a folder."""

import hashlib
import json
import os
import subprocess
import sys

import pytest

from kerasfg.export.bundle import read_export
from kerasfg.export.interrupted_swap import finish
from kerasfg.export.replaced_files import replaced_files
from kerasfg.folder_lock import LOCK
from kerasfg.manifest import make_manifest
from kerasfg.manifest import read_manifest
from kerasfg.manifest import write_manifest

# Replaces the files of a folder, and ends without tidying before a rename.
KILLED = """
import os, pathlib, sys
sys.path.insert(0, {here!r})
import test_interrupted_swap as test
from kerasfg.export import interrupted_swap, replaced_files
from kerasfg.export.replaced_files import replaced_files as replaced

out, nth, calls = pathlib.Path(sys.argv[1]), int(sys.argv[2]), []
rename = os.rename

def killed(source, target):
    calls.append(source)
    if len(calls) > nth:
        os._exit(9)
    rename(source, target)

replaced_files.os.rename = killed
with replaced(out) as folder:
    test.write_export(folder, ["model.tflite", "model.onnx"], "new")
"""


def write_export(folder, names, content):
    """Writes what looks like an export, each file with the same content."""
    manifest = make_manifest(8, ["a", "b"], {"name": content})
    digest = hashlib.sha256(content.encode()).hexdigest()
    for name in names:
        (folder / name).write_text(content)
        manifest["files"][name] = {"sha256": digest}
    (folder / "report.json").write_text(content)
    write_manifest(manifest, folder)


@pytest.fixture
def killed_at(tmp_path):
    """A function that gives a folder whose export was killed at a rename."""

    def kill(nth):
        out = tmp_path / "out"
        out.mkdir()
        write_export(out, ["model.tflite", "model_int8.tflite"], "old")
        (out / "mine.txt").write_text("mine")
        script = KILLED.format(here=os.path.dirname(__file__))
        command = [sys.executable, "-P", "-c", script, str(out), str(nth)]
        assert subprocess.run(command, check=False).returncode in (0, 9)
        return out

    return kill


def assert_one_export(out, name):
    """Checks that all files in a folder are of one export, and no others."""
    files = {path.name: path.read_text() for path in out.iterdir()}
    assert files.pop("mine.txt") == "mine"
    assert json.loads(files.pop("kerasfg.json"))["name"] == name
    assert files.pop("labels.txt") == "a\nb\n"
    others = {"old": "model_int8.tflite", "new": "model.onnx"}
    assert files == {
        file: name for file in ("model.tflite", others[name], "report.json")
    }


@pytest.mark.parametrize(
    "nth",
    [5, *(pytest.param(n, marks=pytest.mark.slow) for n in (0, 1, 4, 7, 9))],
)
def test_the_next_start_finishes_the_moves(killed_at, nth):
    out = killed_at(nth)
    assert read_export(out)["name"] == "new"
    assert_one_export(out, "new")


@pytest.mark.slow
def test_the_next_export_takes_the_folder(killed_at):
    out = killed_at(3)
    with replaced_files(out) as folder:
        write_export(folder, ["model.tflite", "model_int8.tflite"], "old")
    assert_one_export(out, "old")


def test_what_was_never_moved_goes(tmp_path):
    write_export(tmp_path, ["model.tflite", "model_int8.tflite"], "old")
    (tmp_path / "mine.txt").write_text("mine")
    hidden = tmp_path / ".kerasfg-abc"
    (hidden / "new").mkdir(parents=True)
    (hidden / "new" / "model.tflite").write_text("half")
    (tmp_path / ".kerasfg-writing-1.json").write_text("half")
    (tmp_path / LOCK).write_text("")
    with pytest.raises(RuntimeError), replaced_files(tmp_path):
        raise RuntimeError
    assert_one_export(tmp_path, "old")


@pytest.mark.parametrize(
    "plan",
    [
        "{}",
        '{"previous": ["../mine"], "new": []}',
        '{"previous": [], "new": [".."]}',
        "\x00",
    ],
)
def test_a_plan_of_a_stranger_moves_nothing_else(tmp_path, plan):
    out = tmp_path / "out"
    hidden = out / ".kerasfg-abc"
    hidden.mkdir(parents=True)
    (tmp_path / "mine").write_text("mine")
    (hidden / "swap.json").write_text(plan)
    finish(out)
    assert not list(out.iterdir())
    assert (tmp_path / "mine").read_text() == "mine"


def test_the_second_export_is_told_who_writes(tmp_path):
    with replaced_files(tmp_path / "out") as folder:
        (folder / "x").write_text("x")
        with pytest.raises(
            ValueError, match=rf"in use by process {os.getpid()} on .*\(export"
        ):
            with replaced_files(tmp_path / "out"):
                pass
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["x"]
    assert read_manifest(tmp_path / "out") is None
