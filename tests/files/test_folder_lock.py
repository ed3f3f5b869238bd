"""Two processes in one folder."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from kerasfg.folder_lock import LOCK
from kerasfg.folder_lock import check_unlocked
from kerasfg.folder_lock import locked_folder

HOLDS = """
import sys
from kerasfg_cli.options import register_bare_package
register_bare_package()  # without Keras it starts at once
from kerasfg.folder_lock import locked_folder
with locked_folder(sys.argv[1], "training"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of a folder."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", HOLDS, str(tmp_path / "run")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_the_second_is_told_who_holds_it(holder, tmp_path):
    who = rf"process {holder.pid} on {socket.gethostname()}, since \d{{4}}-.*"
    for wants in (lambda run: locked_folder(run, "x"), _check):
        with pytest.raises(ValueError, match=rf"{who}\(training\)"):
            with wants(tmp_path / "run"):
                pass


def _check(run):
    check_unlocked(run)
    return locked_folder(run, "x")


def test_a_killed_process_holds_nothing(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / "run" / LOCK).exists()
    check_unlocked(tmp_path / "run")
    with locked_folder(tmp_path / "run", "training"):
        pass
    assert not list((tmp_path / "run").iterdir())


def test_a_folder_made_for_the_lock_goes_if_it_is_empty(tmp_path):
    with pytest.raises(RuntimeError), locked_folder(tmp_path / "a/b", "x"):
        raise RuntimeError
    assert not list(tmp_path.iterdir())
    with locked_folder(tmp_path / "a/b", "x"):
        (tmp_path / "a/b/file").touch()
    assert os.listdir(tmp_path / "a/b") == ["file"]


@pytest.mark.parametrize("content", ["", "[1]", "\x00", "{}"])
def test_a_holder_that_wrote_nothing_is_another_process(tmp_path, content):
    with locked_folder(tmp_path, "x"):
        (tmp_path / LOCK).write_text(content)
        with pytest.raises(ValueError, match="in use by another process"):
            check_unlocked(tmp_path)
