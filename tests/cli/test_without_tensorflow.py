"""Training, evaluation and prediction on JAX where there is no TensorFlow.

In an environment of its own, made as docs/gpu.md says, so that this wants a
package index.
"""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
# Nothing is built inside the checkout.
OTHER = shutil.ignore_patterns(".*", "build", "tests", "shared", "*.egg-info")
RECIPE = """
[data]
path = "field_guide"
images_per_class = 8
image_size = 32

[model]
backbone = "resnet_18"
weights = "none"
output_stride = 32

[training]
epochs = 2
batch_size = 8
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def kerasfg(tmp_path):
    """A function that starts the command of an environment with JAX alone."""
    tree, home = tmp_path / "tree", tmp_path / "venv"
    shutil.copytree(ROOT, tree, ignore=OTHER)
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("PYTHON")},
        "KERASFG_CACHE": str(tmp_path / "cache"),
        # The training that goes on takes the program of the first one.
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path / "programs"),
        "XLA_FLAGS": "--xla_backend_optimization_level=0",
    }
    environment.pop("KERAS_BACKEND", None)  # there is only one

    def start(program, *arguments):
        return subprocess.Popen(
            [home / "bin" / program, *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    install = "pip", "install", "-q", "--no-compile"
    done(start(*install, "-r", tree / "requirements-jax.txt"))
    done(start(*install, "--no-deps", "keras-hub", tree))
    absent = start("python", "-c", "import tensorflow")
    assert "No module named 'tensorflow'" in absent.communicate()[1]
    return lambda *arguments: start("kerasfg", *arguments)


def done(process):
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    return output


def test_trains_is_killed_resumes_evaluates_and_predicts(kerasfg, tmp_path):
    run, recipe = tmp_path / "run", tmp_path / "recipe.toml"
    recipe.write_text(RECIPE)
    training = kerasfg("train", recipe, "--out", run)
    history = run / "history.csv"
    while not (history.exists() and len(history.read_text().split()) > 1):
        assert training.poll() is None, training.communicate()[1]
        time.sleep(0.05)
    training.send_signal(signal.SIGKILL)
    training.communicate()
    done(kerasfg("train", "--resume", run))
    with history.open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1", "2"]
    trained = json.loads((run / "report.json").read_text())
    report = json.loads(done(kerasfg("evaluate", run, "--json")))
    assert report["test"]["top_1"] == trained["test"]["top_1"]
    picture = tmp_path / "picture.png"
    Image.new("RGB", (40, 32), "brown").save(picture)
    answer = json.loads(done(kerasfg("predict", run, picture, "--json")))
    assert answer["class"] in report["classes"]
    export = kerasfg("export", run, "--out", tmp_path / "phone")
    _, errors = export.communicate()
    assert export.returncode == 1 and len(errors.splitlines()) == 1
    assert "copy the folder of the model to a machine" in errors
