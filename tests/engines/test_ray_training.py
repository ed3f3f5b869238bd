"""Trainings on a cluster of Ray, of two machines that are this one."""

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(importlib.util.find_spec, ("ray", "jax"))),
        reason="Ray or JAX is not installed",
    ),
]

TESTS = Path(__file__).parents[1]
WORKER = TESTS / "training" / "worker.py"
DRIVER = """
import json
import sys

from kerasfg.engines.ray_training import RayTraining

out, address, *worker = sys.argv[1:]
RayTraining(lambda begun: worker, out, 2, address or None).train()
"""
OPTIONS = {
    "data": "field_guide",
    "images_per_class": 3,
    "image_size": 16,
    "backbone": "tiny",
    "epochs": 7,  # of three steps
    "batch_size": 8,
    "dropout": 0.3,
    "optimizer": "sgd",
    "learning_rate": 0.05,
    "weight_decay": 0.01,
    "class_variance": 0.1,
    "balanced": 4,
}
# Networks this small take longer to compile well than to train.
XLA_FLAGS = "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=0"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return {
        **os.environ,
        "KERASFG_CACHE": str(tmp_path_factory.mktemp("cache")),
        "KERAS_BACKEND": "jax",
        "PYTHONPATH": str(TESTS),
        "XLA_FLAGS": XLA_FLAGS,
    }


@pytest.fixture(scope="module")
def cluster(environment):
    """Two machines with one processor each."""
    from ray.cluster_utils import Cluster

    before = dict(os.environ)
    os.environ.update(environment)  # the machines have it
    try:
        cluster = Cluster(True, head_node_args={"num_cpus": 1})
        cluster.add_node(num_cpus=1)
        yield cluster
        cluster.shutdown()
    finally:
        os.environ.clear()
        os.environ.update(before)


class Started(subprocess.Popen):
    """Python with arguments, whose output is a file.

    A pipe would be open as long as anything that Ray has begun lives.
    """

    def __init__(self, output, arguments, environment):
        self.output = output
        with open(output, "wb") as file:
            super().__init__(
                [sys.executable, "-P", *map(str, arguments)],
                env=environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def finish(self, seconds=600):
        """Waits for the end, and returns its code and what it said."""
        try:
            return self.wait(seconds), self.output.read_text()
        except subprocess.TimeoutExpired:
            raise AssertionError(self.output.read_text()) from None


@pytest.fixture
def start(environment, tmp_path_factory):
    """A function that starts Python with arguments; at the end it is killed."""
    folder, started = tmp_path_factory.mktemp("output"), []

    def start(*arguments):
        output = folder / f"{len(started)}.txt"
        started.append(Started(output, arguments, environment))
        return started[-1]

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def finish(process):
    code, output = process.finish()
    assert code == 0, output
    return output


def weights(model):
    import keras

    model = keras.saving.load_model(model, compile=False)
    return {weight.path: np.array(weight) for weight in model.weights}


def epochs_written(run):
    try:
        with np.load(run / "checkpoint.npz") as file:
            return len(json.loads(str(file["history"])))
    except FileNotFoundError:
        return 0


def wait_for(condition, process):
    while not (found := condition()):
        assert process.poll() is None, process.output.read_text()
        time.sleep(0.01)
    return found


def workers_of(run):
    """The processes of a training, as their numbers on this machine."""
    listed = subprocess.run(
        ["ps", "-wweo", "pid=,args="],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split(maxsplit=1) for line in listed.stdout.splitlines()]
    return [
        int(pid)
        for pid, arguments in lines
        if str(run) in arguments and "RayTraining" not in arguments
    ]


def test_two_workers_train_as_one_process_does(start, cluster, tmp_path):
    options = json.dumps({"case": OPTIONS})
    one, two = tmp_path / "one", tmp_path / "two"
    finish(start(WORKER, "fit", one, options))
    worker = WORKER, "fit", two, options
    finish(start("-c", DRIVER, two, cluster.address, *worker))
    expected = weights(one / "case" / "model.keras")
    found = weights(two / "case" / "model.keras")
    assert found.keys() == expected.keys()
    for path, weight in expected.items():
        np.testing.assert_allclose(
            found[path], weight, rtol=0, atol=2e-5, err_msg=path
        )


def kill_a_worker(process, run, epochs):
    """Kills one of two so many epochs later, and returns their numbers."""
    wanted = epochs_written(run) + epochs
    wait_for(lambda: epochs_written(run) >= wanted, process)
    both = workers_of(run)
    if len(both) != 2:
        raise AssertionError((both, process.output.read_text()))
    os.kill(both[int(np.random.default_rng().integers(2))], signal.SIGKILL)


def test_a_lost_worker_and_a_lost_machine_leave_the_weights(
    start, cluster, tmp_path
):
    options = json.dumps({**OPTIONS, "epochs": 40, "ema": 0.8})
    whole, run = tmp_path / "whole", tmp_path / "run"
    whole_worker, worker = (
        [cluster.address, WORKER, "train", folder, options]
        for folder in (whole, run)
    )
    finish(start("-c", DRIVER, whole, *whole_worker))
    process = start("-c", DRIVER, run, *worker)
    kill_a_worker(process, run, epochs=8)
    wanted = epochs_written(run) + 12
    wait_for(lambda: epochs_written(run) >= wanted, process)
    # Not at ease, as when a machine loses its power.
    cluster.remove_node(cluster.list_all_nodes()[-1], allow_graceful=False)
    assert not (run / "model.keras").exists()
    cluster.add_node(num_cpus=1)
    output = finish(process)
    assert "Process " in output and "was killed by SIGKILL: the tr" in output
    assert output.count("restart 1 of at most 3") == 2
    expected = weights(whole / "model.keras")
    for path, weight in weights(run / "model.keras").items():
        np.testing.assert_array_equal(weight, expected[path], err_msg=path)
    assert sorted(file.name for file in run.iterdir()) == sorted(
        file.name for file in whole.iterdir()
    )


def children_of(number):
    """The processes that a process has started, and those of these."""
    listed = subprocess.run(
        ["ps", "-eo", "ppid=,pid="], capture_output=True, text=True, check=True
    )
    pairs = [tuple(map(int, row.split())) for row in listed.stdout.splitlines()]
    found = {number}
    while more := {own for parent, own in pairs if parent in found} - found:
        found |= more
    return found - {number}


def test_ctrl_c_ends_all_processes(start, tmp_path):
    run = tmp_path / "run"
    network = "--image-size 32 --backbone mobilenet_v1_025 --weights none"
    options = f"--images-per-class 3 {network} --effort quick --epochs 500"
    process = start(
        *["-m", "kerasfg_cli", "train", "--data", "field_guide", "--out", run],
        *[*options.split(), "--engine", "ray", "--workers", 2],
    )
    wait_for(lambda: epochs_written(run) >= 1, process)
    children = children_of(process.pid)
    assert len(children) > 4  # those of Ray, two actors and two processes
    process.send_signal(signal.SIGINT)
    code, output = process.finish(60)
    assert code == 130
    assert "Epoch 1/500" in output  # of process 0
    assert f"Resume it by: kerasfg train --resume {run}" in output
    assert "Traceback" not in output
    end = time.monotonic() + 10
    while left := [each for each in children if Path(f"/proc/{each}").exists()]:
        assert time.monotonic() < end, left
        time.sleep(0.1)
