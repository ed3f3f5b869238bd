"""Ray may end or block the process that uses it, so this is another one."""

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CASES = Path(__file__).with_name("ray_data_cases.py")


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed"
)
def test_the_cases(tmp_path):
    output = tmp_path / "output.txt"  # a pipe is open until Ray has ended
    alone = ["-n", "0", "-p", "no:cacheprovider", "-m", "slow", "-v"]
    with open(output, "wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pytest", *alone, CASES],
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        code = process.wait(timeout=500)
    except subprocess.TimeoutExpired:
        code = None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert code == 0, output.read_text()
