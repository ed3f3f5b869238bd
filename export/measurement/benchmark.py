"""Measures size, latency and memory of exported files."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import statistics
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

import numpy as np
import numpy.typing as npt

from kerasfg.export.runtime.child_classifier import TIME_LIMIT
from kerasfg.export.runtime.child_classifier import ChildClassifier
from kerasfg.export.runtime.file_contents import read_contents

if TYPE_CHECKING:
    import keras

KERAS = "Keras predict"
ALL_THREADS = "all"
_CALLS = 5  # of each file in a round
_LOADS = 3


@dataclasses.dataclass(frozen=True)
class Measurement:
    """Measurements of a file, or of Keras.

    Attributes:
        file: Name of the file, or `"Keras predict"`.
        bytes: Size of the file; `None` for Keras.
        load_ms: Median time to load the file; `None` for Keras.
        peak_memory_mb: Most memory, in 10^6 bytes, that loading and running
            the file with the first number of threads added to its process;
            `None` for Keras and on systems that do not report it.
        latency: `{threads: (median_ms, p95_ms)}` of one picture. For Keras it
            is `{"all": ...}`, since TensorFlow chooses the number of threads.
        fastest: `{threads: ms}`, the fastest of all calls, which hardly depends
            on other work on the machine; empty for Keras.
    """

    file: str
    bytes: int | None
    load_ms: float | None
    peak_memory_mb: float | None
    latency: dict
    fastest: dict = dataclasses.field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-serializable dictionary with `latency_ms`."""
        latency = {str(n): list(times) for n, times in self.latency.items()}
        return {
            "file": self.file,
            "bytes": self.bytes,
            "load_ms": self.load_ms,
            "peak_memory_mb": self.peak_memory_mb,
            "latency_ms": latency,
        }


def benchmark(
    files: Iterable[str | os.PathLike[str]],
    images: npt.NDArray[np.uint8],
    model: keras.Model | None = None,
    threads: Sequence[int] = (1, 2),
    rounds: int = 20,
    show: Callable[[str], object] | None = None,
    time_limit: float = TIME_LIMIT,
) -> list[Measurement]:
    """Measures exported files, each in its own process.

    The files are measured in turns. In each round each file has one uncounted
    call to warm up and then five calls. So other work on the machine slows
    down all files alike, and the ratios of the times are more reliable than
    the times.

    Args:
        files: Paths of `.tflite` and `.onnx` files.
        images: uint8 `(pictures, N, N, 3)`, at least one. They are resized to
            the input of each file.
        model: `keras.Model` to measure, too. Its `predict` is called with one
            picture `(1, N, N, 3)` in this process. Defaults to `None`.
        threads: Numbers of threads. Defaults to `(1, 2)`.
        rounds: Number of rounds for each number of threads. Defaults to `20`.
        show: Function that shows a line of progress. Defaults to `None`.
        time_limit: Most seconds to wait for a process. Defaults to `120`.

    Returns:
        List of `Measurement`s in the order of `files`, Keras last.

    Raises:
        ValueError: If a file does not load or run.

    Example:

    ```python
    files = sorted(pathlib.Path("exported").glob("model*.tflite"))
    for found in benchmark(files, images[:20]):
        found.file, found.latency[1]  # ("model.tflite", (5.1, 5.6))
    ```
    """
    show = show or (lambda text: None)
    with contextlib.ExitStack() as stack:
        runners = []
        for filepath in map(pathlib.Path, files):
            show(f"Loading {filepath.name}")
            runner = _FileRunner(filepath, images, threads[0], time_limit)
            runners.append(stack.enter_context(runner))
        if model is not None:
            runners.append(_KerasRunner(model, images))
        for number in threads:
            turns = [x for x in runners if x.take_threads(number)]
            for i in range(rounds):
                show(f"Timing, threads: {number}, round {i + 1} of {rounds}")
                for runner in turns:
                    runner.run(i)
        return [runner.measurement() for runner in runners]


class _FileRunner:
    """A file in a child process."""

    def __init__(self, filepath, images, num_threads, time_limit):
        self._name = filepath.name
        contents, _ = read_contents(filepath)
        self._bytes, self._latencies = len(contents), {}
        with self._named():
            self._child = ChildClassifier(
                contents,
                filepath.suffix[1:],
                num_threads,
                time_limit=time_limit,
            )
        self._images = _resized(images, self._child.image_size)
        self._load_ms = [self._child.load_ms]
        self._memory = None

    def __enter__(self):
        with self._named():
            self._memory = self._child.time(self._images[0], 1)[1]
        return self

    def __exit__(self, *_):
        self._child.close()

    def take_threads(self, number):
        """Loads the file for a number of threads."""
        self._latencies[number] = self._rounds = []
        with self._named():
            for _ in range(_LOADS):
                self._child.reload(number)
                self._load_ms.append(self._child.load_ms)
        return True

    def run(self, i):
        """Measures the calls of one round."""
        image = self._images[i % len(self._images)]
        with self._named():
            self._rounds.append(self._child.time(image, _CALLS)[0])

    def measurement(self):
        """Returns the `Measurement`."""
        memory = self._memory
        return Measurement(
            file=self._name,
            bytes=self._bytes,
            load_ms=statistics.median(self._load_ms),
            peak_memory_mb=None if memory is None else memory / 1e6,
            latency={n: _latency(x) for n, x in self._latencies.items()},
            fastest={
                n: float(np.min(x)) for n, x in self._latencies.items() if x
            },
        )

    @contextlib.contextmanager
    def _named(self):
        try:
            yield
        except (RuntimeError, ValueError) as error:
            raise ValueError(f"{self._name}: {error}") from error


class _KerasRunner:
    """A Keras model in this process."""

    def __init__(self, model, images):
        self._model, self._images = model, images.astype("float32")
        self._rounds = []

    def take_threads(self, _):
        """Returns whether to measure: only for one number of threads."""
        return not self._rounds

    def run(self, i):
        """Measures the calls of one round."""
        image = self._images[i % len(self._images)][None]
        self._model.predict(image, verbose=0)
        latencies = []
        for _ in range(_CALLS):
            start = time.perf_counter()
            self._model.predict(image, verbose=0)
            latencies.append(1000 * (time.perf_counter() - start))
        self._rounds.append(latencies)

    def measurement(self):
        """Returns the `Measurement`."""
        latency = {ALL_THREADS: _latency(self._rounds)}
        return Measurement(KERAS, None, None, None, latency)


def _resized(images, size):
    """Resizes to the nearest pixels, since times do not depend on them."""
    nearest = np.arange(size) * images.shape[1] // size
    return images[:, nearest][:, :, nearest]


def _latency(rounds):
    median = statistics.median(statistics.median(calls) for calls in rounds)
    return median, float(np.percentile(np.concatenate(rounds), 95))
