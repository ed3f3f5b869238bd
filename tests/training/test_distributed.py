"""One training in several processes on this machine, under JAX."""

import csv
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("jax") is None, reason="JAX is not installed"
    ),
]

SUPERVISOR = """
import sys

from kerasfg.distributed.supervisor import local_places
from kerasfg.distributed.supervisor import supervise

count, worker, *arguments = sys.argv[1:]
command = [sys.executable, "-P", "-c", worker, *arguments]
supervise(command, local_places(int(count)), True, print)
"""
WORKER = """
import json
import sys
from pathlib import Path

from kerasfg.distributed import worker

if worker.is_worker():
    processes = worker.become_worker()
else:
    from kerasfg.distributed.processes import ALONE as processes

import keras
import numpy as np

import kerasfg.training.build as build
from kerasfg.distributed.join import in_one_line
from kerasfg.training import Recipe
from kerasfg.training import RunFolder
from kerasfg.training import train
from kerasfg.training.devices import on_devices
from kerasfg.training.fit import fit
from kerasfg.training.fit import numerics


def tiny_backbone(name, image_size, **kwargs):
    images = keras.Input((image_size, image_size, 3))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(images)
    x = keras.layers.Conv2D(8, 3, strides=2, padding="same")(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.ReLU()(x)
    return keras.Model(images, x, name="backbone")


build.backbone = tiny_backbone
assert keras.backend.backend() == "jax"
out, options = Path(sys.argv[1]), json.loads(sys.argv[2])
"""
# Several trainings in one group of processes, whose start takes longest.
FIT_CASES = """
models = []
for name, case in options.items():
    recipe = Recipe().with_options(**case)
    pixels = build.load_pixels(recipe.data, verbose=False)
    table = build.load_attributes(recipe, pixels.class_names)
    splits = np.where(np.arange(len(pixels)) % 7 == 0, "val", "train")
    run = RunFolder(out / name)
    run.path.mkdir(parents=True, exist_ok=True)
    with numerics(recipe.training), on_devices():
        model = build.build_model(recipe, pixels.class_names, table)
        fit(model, recipe, pixels, splits, run, False, processes)
    models.append((run.model, model))
processes.leave()
for filepath, model in models if processes.leads else []:
    model.save(filepath)  # no longer in step with the others
"""
TRAIN = """
run = RunFolder(out)
worker.tell(worker.RUN + str(out))
with in_one_line():
    train(
        Recipe().with_options(**options),
        out,
        resume=run.recipe.exists(),
        verbose=False,
        processes=processes,
    )
"""
COMMON = {
    "image_size": 16,
    "epochs": 7,  # of three steps
    "batch_size": 8,
    "dropout": 0.3,
    "learning_rate": 0.05,
}
METHODS = {
    "ema, pairs of attention, balanced": {
        "attributes": "table",
        "attribute_weight": 0.1,
        "centroid_update": "ema",
        "attention": True,
        "class_variance": 0.1,
        "balanced": 4,
    },
    "exact, split features, average": {
        "attributes": "table",
        "attribute_weight": 0.1,
        "centroid_update": "exact",
        "split_features": True,
        "ema": 0.8,
    },
}


@pytest.fixture
def start(tmp_path):
    """A function that starts a script, in so many processes."""

    def start(count, script, out, options):
        environment = {
            **os.environ,
            "KERASFG_CACHE": str(tmp_path / "cache"),
            "KERAS_BACKEND": "jax",
        }
        worker = WORKER + script
        command = [SUPERVISOR, str(count), worker] if count > 1 else [worker]
        return subprocess.Popen(
            [sys.executable, "-P", "-c", *command, out, json.dumps(options)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def finish(process):
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors


def history(run):
    """Each epoch's metrics, without what the clock says."""
    with open(run / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    clock = ("stage", "seconds", "input_wait")
    return [
        {key: float(row[key]) for key in row if key not in clock}
        for row in rows
    ]


def weights(run):
    model = keras.saving.load_model(run / "model.keras", compile=False)
    return {weight.path: np.array(weight) for weight in model.weights}


def assert_same_training(run, other):
    for epoch, expected in zip(history(run), history(other), strict=True):
        assert epoch.keys() == expected.keys()
        for key, value in expected.items():
            assert epoch[key] == pytest.approx(value, rel=1e-5, abs=1e-5), key
    found, expected = weights(run), weights(other)
    assert found.keys() == expected.keys()
    for path, weight in expected.items():
        np.testing.assert_allclose(
            found[path], weight, rtol=0, atol=1e-5, err_msg=path
        )


def test_two_processes_train_as_one_does(
    start, tmp_path, picture_folder, attributes
):
    cases = {}
    for name, options in METHODS.items():
        cases[name] = {**COMMON, "data": str(picture_folder), **options}
        if "attributes" in options:
            cases[name]["attributes"] = str(attributes)
    for count in (1, 2):
        finish(start(count, FIT_CASES, tmp_path / str(count), cases))
    for name in METHODS:
        alone = tmp_path / "1" / name
        assert len(history(alone)) == COMMON["epochs"]
        assert_same_training(tmp_path / "2" / name, alone)
        (table,) = (
            weight
            for path, weight in weights(alone).items()
            if path.endswith("/table")
        )
        assert np.all(np.any(table != 0, axis=1))  # it has been moved


def epochs_written(run):
    try:
        with np.load(run / "checkpoint.npz") as file:
            return len(json.loads(str(file["history"])))
    except FileNotFoundError:
        return 0


def workers_of(supervisor):
    """Their numbers, in the order of the processes."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(supervisor.pid)],
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(int(number) for number in listed.stdout.split())


def test_a_killed_worker_ends_all_and_the_run_goes_on(
    start, tmp_path, picture_folder
):
    options = {**COMMON, "data": str(picture_folder), "epochs": 40, "ema": 0.8}
    finish(start(2, TRAIN, tmp_path / "whole", options))
    run = tmp_path / "run"
    process = start(2, TRAIN, run, options)
    while epochs_written(run) < 2:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    leading, other = workers_of(process)
    os.kill(other, signal.SIGKILL)
    killed = time.monotonic()
    _, errors = process.communicate(timeout=60)
    assert time.monotonic() - killed < 60
    assert process.returncode == 1
    assert "WorkerError: Process 1 of 2 was killed by SIGKILL\n" in errors
    with pytest.raises(ProcessLookupError):
        os.kill(leading, 0)
    assert not (run / "model.keras").exists()
    finish(start(2, TRAIN, run, options))
    assert sorted(file.name for file in run.iterdir()) == sorted(
        file.name for file in (tmp_path / "whole").iterdir()
    )
    whole = weights(tmp_path / "whole")
    for path, weight in weights(run).items():
        np.testing.assert_array_equal(weight, whole[path], err_msg=path)


def test_goes_on_with_another_number_of_processes(
    start, tmp_path, picture_folder
):
    options = {**COMMON, "data": str(picture_folder), "epochs": 30}
    finish(start(1, TRAIN, tmp_path / "whole", options))
    run = tmp_path / "run"
    process = start(1, TRAIN, run, options)
    while epochs_written(run) < 2:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.kill()
    process.communicate()
    finish(start(2, TRAIN, run, options))
    assert_same_training(run, tmp_path / "whole")


def test_says_in_a_line_what_a_batch_must_be(start, tmp_path, picture_folder):
    options = {**COMMON, "data": str(picture_folder), "batch_size": 9}
    process = start(2, TRAIN, tmp_path / "run", options)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "ValueError: Each device must get as many pictures" in errors
    assert "a multiple of 2" in errors and "batch_size=9" in errors
    assert not (tmp_path / "run").exists()
