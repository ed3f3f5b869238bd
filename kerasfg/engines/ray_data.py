"""RayData: decodes and classifies on the machines of a cluster, by Ray Data."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import logging
import os
import pickle
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterable
from typing import Any

from kerasfg.engines.ray_cluster import connect
from kerasfg.engines.ray_worker import worker_class

# Lists of items that Ray is given at a time, for each worker: it holds the
# names of all of them, and starts its workers anew for the next.
_WINDOW = 200
# What a worker asks for of the processor or the GPU that it uses. Those of a
# machine that dies begin anew on the others, which must have room for them.
_SHARE = 0.5
# Lists of items that wait at a worker, or are worked on.
_IN_FLIGHT = 2
_ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # A worker for each processor.
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    # Two workers may share a GPU after a machine has died.
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}


@dataclasses.dataclass(frozen=True)
class RayData:
    """An engine for `kerasfg.data.progress.spread_by` and many pictures.

    It joins or starts the cluster only while there is something to do. Each
    worker gets the functions once. What a machine that died was doing is done
    again on the others, as long as half of the processors are left.

    Attributes:
        address: See `kerasfg.engines.ray_cluster.connect`. Defaults to `None`.

    Example:

    ```python
    from kerasfg.engines.ray_data import RayData

    with contextlib.closing(RayData()([[1, 2], [3]], sum)) as results:
        print(list(results))  # [3, 3]
    ```
    """

    address: str | None = None

    def __call__(
        self,
        chunks: Iterable[list[Any]],
        *functions: Callable[[Any], Any],
        is_keras: bool = False,
    ) -> Generator[Any]:
        """Yields what functions make of lists of items, in their order.

        Args:
            chunks: Iterable of lists of items that can be pickled.
            *functions: Each gets what the one before it made, the first a
                list.
            is_keras: Whether the last one holds a Keras model; it runs on GPUs
                if the cluster has some. Defaults to `False`.

        Yields:
            What the last function made of each list.

        Raises:
            ImportError: If Ray is not installed, or a function raises one.
            ValueError: If a function cannot be sent, or raises one, or there is
                no cluster at the address.
            OSError: If a function raises one.
            Halted: If a function raises one.
        """
        chunks = iter(chunks)
        environment = {
            **_ENVIRONMENT,
            "KERAS_BACKEND": os.environ.get("KERAS_BACKEND", "tensorflow"),
        }
        with connect(self.address, environment) as ray, _settings():
            stages = _stages(ray.cluster_resources(), functions, is_keras)
            workers = sum(stage.workers for stage in stages)
            size = _WINDOW * max(10, workers)
            while window := list(itertools.islice(chunks, size)):
                yield from _mapped(window, stages)


@dataclasses.dataclass(frozen=True)
class _Stage:
    """Functions that a number of workers call one after the other.

    Attributes:
        functions: The tuple of them, pickled.
        workers: Number of workers.
        needs: What each asks for.
        is_keras: Whether a function holds a Keras model.
    """

    functions: bytes
    workers: int
    needs: dict[str, float]
    is_keras: bool


def _stages(resources, functions, is_keras):
    processors = max(1, int(resources.get("CPU", 1)))
    gpus = int(resources.get("GPU", 0)) if is_keras else 0
    on_processors = {"num_cpus": _SHARE}
    if not gpus or len(functions) == 1:
        both = _pickled(functions)
        return [_Stage(both, processors, on_processors, is_keras)]
    first, last = _pickled(functions[:-1]), _pickled(functions[-1:])
    return [
        _Stage(first, processors, on_processors, False),
        _Stage(last, gpus, {"num_gpus": _SHARE}, True),
    ]


def _pickled(sent):
    from ray import cloudpickle

    try:
        return cloudpickle.dumps(sent)
    except (TypeError, pickle.PicklingError, AttributeError) as error:
        raise ValueError(
            "Other machines must read the pictures for themselves, from a "
            "folder or list: unpack a .zip or .tar file. "
            f"Received: engine='ray', with what cannot be sent: {error}"
        ) from error


def _mapped(window, stages):
    import ray.data

    items = [_pickled(chunk) for chunk in window]
    data = ray.data.from_items(items, override_num_blocks=len(items))
    for stage in stages:
        data = data.map(
            worker_class(),
            fn_constructor_args=(stage.functions, os.getcwd(), stage.is_keras),
            compute=ray.data.ActorPoolStrategy(
                size=min(stage.workers, len(items)),
                max_tasks_in_flight_per_actor=_IN_FLIGHT,
            ),
            **stage.needs,
        )
    for row in data.iter_rows():
        result = pickle.loads(row["item"])
        if isinstance(result, Exception):
            raise result
        yield result


@contextlib.contextmanager
def _settings():
    """Keeps the order of the items, and shows nothing but errors."""
    from ray.data import DataContext

    context = DataContext.get_current().copy()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    logger = logging.getLogger("ray.data")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with DataContext.current(context):
            yield
    finally:
        logger.setLevel(level)
