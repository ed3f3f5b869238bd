"""The tests of layers, losses and models once more, on JAX."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# These networks take longer to compile well than to run.
XLA_FLAGS = "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=0"


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="JAX is not installed"
)
@pytest.mark.parametrize(
    ("tests", "marks"),
    [
        ("layers", "not slow"),
        ("losses", "not slow"),
        ("models", "not slow"),
        ("models/in_keras", "slow"),
        ("models/test_train_step.py", "slow"),
    ],
)
def test_what_holds_on_tensorflow_holds_on_jax(tests, marks):
    command = ["pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", marks]
    done = subprocess.run(
        [sys.executable, "-P", "-m", *command, TESTS / tests],
        cwd=TESTS.parent,
        env={**os.environ, "KERAS_BACKEND": "jax", "XLA_FLAGS": XLA_FLAGS},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:]
