"""Runs ray_data_cases.py in another process, which Ray may end or block."""

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CASES = Path(__file__).with_name("ray_data_cases.py")
COMMAND = ["-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "-m", "slow"]
SUMMARY = "slowest durations"  # what pytest says when all cases have been run


def run_cases(output):
    """Returns the exit code of pytest, `None` if it did not end in time."""
    with open(output, "wb") as file:  # a pipe is open until Ray has ended
        process = subprocess.Popen(
            [sys.executable, "-P", *COMMAND, "-v", "--durations=0", CASES],
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        return process.wait(timeout=280)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):  # and what it began
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed"
)
def test_the_cases(tmp_path):
    output = tmp_path / "output.txt"
    for _ in range(2):
        code = run_cases(output)
        said = output.read_text()
        assert "FAILED" not in said, said
        if SUMMARY in said:
            assert code == 0, said
            return
    # Where Ray's own server dies, Ray ends the process without a word.
    pytest.skip(f"Ray ended or blocked the process twice: {said[-300:]}")
