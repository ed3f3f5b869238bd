"""The helper is run by its path: importing kerasfg would import Keras."""

import pathlib
import runpy
import subprocess
import sys
import time

import pytest

import kerasfg

FILE = pathlib.Path(kerasfg.__file__).with_name("child_process.py")
CHILD = f"""
import os, runpy, sys, time
runpy.run_path({str(FILE)!r})["end_with_parent"]()
print(os.getpid(), flush=True)
if sys.argv[1] == "read":
    print(sys.stdin.readline(), flush=True)
time.sleep(1000)
"""
PARENT = f"""
import runpy, sys, time
start = runpy.run_path({str(FILE)!r})["start_child"]
child = start([sys.executable, "-c", {CHILD!r}, sys.argv[1]])
child.stdin.write(b"something, read or not\\n")
child.stdin.flush()
time.sleep(1000)
"""


@pytest.fixture
def functions():
    return runpy.run_path(str(FILE))


def _is_running(number):
    try:
        return pathlib.Path(f"/proc/{number}/stat").read_text()[-1:] != ""
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not pathlib.Path("/proc/self").exists(), reason="no /proc")
@pytest.mark.parametrize("use", ["read", "ignore"])
def test_a_child_ends_with_a_parent_that_is_killed(use):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, use], stdout=subprocess.PIPE, text=True
    )
    child = int(parent.stdout.readline())
    if use == "read":
        assert parent.stdout.readline() == "something, read or not\n"
    time.sleep(0.1)
    assert _is_running(child)
    parent.kill()
    assert parent.stdout.read().strip() == ""  # until the child has ended too
    parent.stdout.close()
    parent.wait()


@pytest.mark.parametrize(
    ("script", "how"),
    [
        ("import os; os.kill(os.getpid(), 11)", "was killed by SIGSEGV"),
        ("raise SystemExit(3)", "ended with the exit code 3"),
    ],
)
def test_an_end_is_put_into_words(functions, script, how):
    child = functions["start_child"]([sys.executable, "-c", script])
    assert functions["how_it_ended"](child) == how
    functions["end_child"](child)
    assert child.stdin.closed


def test_a_child_is_ended_though_it_never_read(functions):
    child = functions["start_child"](
        [sys.executable, "-c", "import time; time.sleep(1000)"],
        stdout=subprocess.PIPE,
    )
    child.stdin.write(b"unread")  # and not flushed
    functions["end_child"](child)
    assert child.returncode == -9
    assert child.stdin.closed and child.stdout.closed
