"""Training, evaluation and prediction on JAX where there is no TensorFlow."""

import csv
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("jax") is None, reason="JAX is not installed"
    ),
]
# Python finds none of these, as if they were not installed.
SITE = """
import sys
from importlib.machinery import PathFinder

HIDDEN = (
    "ai_edge_litert",
    "litert_quantizer",
    "tensorboard",
    "tensorflow",
    "tensorflow_text",
    "tf2onnx",
)


class WithoutTensorFlow(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.split(".")[0] in HIDDEN:
            return None
        return super().find_spec(name, path, target)


sys.meta_path[sys.meta_path.index(PathFinder)] = WithoutTensorFlow
"""


@pytest.fixture
def kerasfg(tmp_path):
    """A function that starts the command line without TensorFlow."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    environment = {
        **os.environ,
        "PYTHONPATH": str(site),
        "KERASFG_CACHE": str(tmp_path / "cache"),
        "XLA_FLAGS": "--xla_backend_optimization_level=0",
    }
    environment.pop("KERAS_BACKEND", None)  # there is only one

    def start(*arguments):
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "kerasfg_cli", *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def done(process):
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    return output


def test_trains_is_killed_resumes_evaluates_and_predicts(
    kerasfg, picture_folder, tmp_path
):
    run, picture = tmp_path / "run", picture_folder / "blue" / "00.png"
    training = kerasfg(
        *["train", "--data", picture_folder, "--image-size", "32"],
        *["--epochs", "2", "--batch-size", "8", "--weights", "none"],
        *["--output-stride", "32", "--out", run],
    )
    history = run / "history.csv"
    while not (history.exists() and len(history.read_text().split()) > 1):
        assert training.poll() is None, training.communicate()[1]
        time.sleep(0.05)
    training.send_signal(signal.SIGKILL)
    training.communicate()
    done(kerasfg("train", "--resume", run))
    with history.open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1", "2"]
    report = json.loads(done(kerasfg("evaluate", run, "--json")))
    assert report["test"]["n"] == 9
    answer = json.loads(done(kerasfg("predict", run, picture, "--json")))
    assert answer["class"] in ("amber", "blue", "coral")
    export = kerasfg("export", run, "--out", tmp_path / "phone")
    output, errors = export.communicate()
    assert export.returncode == 1 and len(errors.splitlines()) == 1
    assert "copy the folder of the model to a machine" in errors
