"""Measurements: their form, order and sums, never their size."""

import importlib
import json
import os

import numpy as np
import pytest

from kerasfg.export.measurement.benchmark import benchmark

# `kerasfg.export.measurement.benchmark` is the function as well.
MODULE = importlib.import_module("kerasfg.export.measurement.benchmark")
FILES = ("model.tflite", "model.onnx")


@pytest.fixture(scope="module")
def progress():
    return []


@pytest.fixture(scope="module")
def measured(exported, pictures, tiny_classifier, progress):
    files = [exported / name for name in FILES]
    return benchmark(
        files, pictures, tiny_classifier, rounds=2, show=progress.append
    )


def test_each_file_and_keras_has_a_measurement(measured, exported):
    assert [x.file for x in measured] == [*FILES, "Keras predict"]
    for found in measured[:2]:
        assert found.bytes == (exported / found.file).stat().st_size
        assert found.load_ms > 0
        assert list(found.latency) == [1, 2]
    keras = measured[2]
    assert (keras.bytes, keras.load_ms, keras.peak_memory_mb) == (None,) * 3
    assert list(keras.latency) == ["all"]
    for found in measured:
        for median, slow in found.latency.values():
            assert 0 < median and 0 < slow


@pytest.mark.skipif(
    not os.path.exists("/proc/self/status"),
    reason="not measured here",
)
def test_memory_is_that_of_the_file_alone(measured):
    for found in measured[:2]:
        assert 0 < found.peak_memory_mb < 60  # TensorFlow alone takes 400


def test_reports_its_progress(measured, progress):
    assert progress[:2] == ["Loading model.tflite", "Loading model.onnx"]
    assert progress[2:] == [
        f"Timing, threads: {threads}, round {i} of 2"
        for threads in (1, 2)
        for i in (1, 2)
    ]


def test_measurement_is_json(measured):
    for found in measured:
        again = json.loads(json.dumps(found.to_dict(), allow_nan=False))
        assert again == found.to_dict()
        assert again["file"] == found.file


def test_pictures_of_another_size_are_resized(exported):
    images = np.zeros((1, 7, 7, 3), "uint8")
    files = [exported / "model.tflite"]
    (found,) = benchmark(files, images, threads=(1,), rounds=1)
    assert list(found.latency) == [1]


def test_broken_file_is_named(tmp_path, pictures):
    (tmp_path / "m.tflite").write_bytes(b"hello")
    with pytest.raises(ValueError, match="m.tflite: this is not a Tensor"):
        benchmark([tmp_path / "m.tflite"], pictures)


class _Child:
    """Counts its calls, and takes longer where others took their turn."""

    image_size = 16
    load_ms = 0
    turns = []
    latencies = []

    def __init__(self, contents, format_, num_threads, time_limit):
        self.name, self.threads = contents.decode(), num_threads
        self.is_closed = False

    def reload(self, num_threads):
        self.threads, self.load_ms = num_threads, self.load_ms + 1

    def time(self, image, calls):
        if calls == 1:
            return [0.0], 3_000_000
        self.turns.append((self.name, self.threads, int(image[0, 0, 0])))
        return self.latencies[len(self.turns) - 1], 9_000_000

    def close(self):
        self.is_closed = True


@pytest.fixture
def child(monkeypatch):
    monkeypatch.setattr(MODULE, "ChildClassifier", _Child)
    monkeypatch.setattr(_Child, "turns", [])


def _write(folder, *names):
    for name in names:
        (folder / f"{name}.tflite").write_text(name)
    return [folder / f"{name}.tflite" for name in names]


def test_files_take_turns(child, tmp_path, monkeypatch):
    monkeypatch.setattr(_Child, "latencies", [[1.0]] * 12)
    images = np.arange(2, dtype="uint8")[:, None, None, None]
    images = np.broadcast_to(images, (2, 16, 16, 3))
    benchmark(_write(tmp_path, "a", "b"), images, threads=(1, 4), rounds=3)
    assert _Child.turns == [
        (name, threads, picture)
        for threads in (1, 4)
        for picture in (0, 1, 0)
        for name in "ab"
    ]


def test_a_slow_round_does_not_move_the_median(
    child, tmp_path, pictures, monkeypatch
):
    rounds = [[1.0, 2, 3, 4, 5], [90.0, 91, 92, 93, 94], [2.0, 4, 4, 4, 60]]
    monkeypatch.setattr(_Child, "latencies", rounds)
    (found,) = benchmark(
        _write(tmp_path, "a"), pictures, threads=(1,), rounds=3
    )
    # of 3, 92 and 4; and 95 % of the 14 steps between 15 calls: 13.3
    assert found.latency[1] == (4.0, pytest.approx(93.3))
    assert found.load_ms == 1.5  # of 0, 1, 2 and 3
    assert found.peak_memory_mb == 3.0  # of the first call alone


def test_processes_end_when_a_file_fails(
    child, tmp_path, pictures, monkeypatch
):
    started = []

    def start(contents, *args, **kwargs):
        if contents == b"b":
            raise ValueError("broken")
        started.append(_Child(contents, *args, **kwargs))
        return started[-1]

    monkeypatch.setattr(MODULE, "ChildClassifier", start)
    with pytest.raises(ValueError, match="b.tflite: broken"):
        benchmark(_write(tmp_path, "a", "b"), pictures)
    assert [x.is_closed for x in started] == [True]
