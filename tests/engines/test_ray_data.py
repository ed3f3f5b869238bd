"""Runs ray_data_cases.py in another process, which Ray may end or block."""

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CASES = Path(__file__).with_name("ray_data_cases.py")
COMMAND = ["-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "-m", "slow"]


def run_cases(output):
    """Returns the exit code of pytest, `None` if it did not end in time."""
    with open(output, "wb") as file:  # a pipe is open until Ray has ended
        process = subprocess.Popen(
            [sys.executable, "-P", *COMMAND, "-v", CASES],
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        return process.wait(timeout=280)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed"
)
def test_the_cases(tmp_path):
    output = tmp_path / "output.txt"
    code = run_cases(output)
    if "short test summary" not in output.read_text() and code != 0:
        # On a loaded machine Ray's own server may die, and Ray then ends the
        # process without a word. That is no finding of ours.
        code = run_cases(output)
    assert code == 0, output.read_text()
