"""The tests of layers, losses and models once more, on JAX."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# Real backbones compile for minutes; tests/training/test_distributed.py trains
# one.
LONG = ("test_backbones.py", "test_pooled_maps.py")
# These networks take longer to compile well than to run.
QUICKLY = "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=0"


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="JAX is not installed"
)
@pytest.mark.parametrize("folder", ["layers", "losses", "models"])
def test_what_holds_on_tensorflow_holds_on_jax(folder):
    command = ["pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow"]
    command += [f"--ignore={TESTS / 'models' / name}" for name in LONG]
    done = subprocess.run(
        [sys.executable, "-P", "-m", *command, TESTS / folder],
        cwd=TESTS.parent,
        env={**os.environ, "KERAS_BACKEND": "jax", "XLA_FLAGS": QUICKLY},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:]
