"""Joins the processes that train one model."""

import contextlib

from kerasfg.distributed.processes import Processes
from kerasfg.one_line import one_line

# Time limits in seconds: to connect, to answer, to shut down together.
CONNECT, HEARTBEAT, LEAVE = 35, 20, 60
# Start of the error of a process that only lost the others.
LOST = "This process and the others"
# How an error of the network begins that JAX reports as a `ValueError`.
_LOST_STATUS = ("UNKNOWN", "UNAVAILABLE", "INTERNAL", "ABORTED", "CANCELLED")
_LOST_STATUS += ("DEADLINE_EXCEEDED", "FAILED_PRECONDITION")
# Name of the coordinator in messages if no address was given.
FROM_ENVIRONMENT = "set by the environment (SLURM, Kubernetes)"


def join(coordinator=None, num_processes=None, process_id=None):
    """Joins the processes that train one model, by `jax.distributed`.

    Keras's backend must be JAX. Call it before anything is computed.

    Args:
        coordinator: `"HOST:PORT"` of process 0, which listens there. Defaults
            to `None`: JAX takes all three arguments from the environment
            (SLURM, Kubernetes).
        num_processes: Number of processes. Defaults to `None`.
        process_id: Number of this process, from 0. Defaults to `None`.

    Returns:
        The `Processes`.

    Raises:
        ValueError: If an argument is out of its range.
        ConnectionError: If the others are not found. If there is no answer,
            JAX ends the process after 35 s.
    """
    if coordinator is not None:
        check_place(coordinator, num_processes, process_id)
    import jax

    # For CPUs; GPUs have their own.
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    try:
        jax.distributed.initialize(
            coordinator,
            num_processes,
            process_id,
            initialization_timeout=CONNECT,
            heartbeat_timeout_seconds=HEARTBEAT,
            shutdown_timeout_seconds=LEAVE,
        )
    except (RuntimeError, ValueError) as error:
        where = coordinator or FROM_ENVIRONMENT
        raise ConnectionError(
            f"The processes must find the coordinator {where}: "
            f"{one_line(error)}"
        ) from error
    return Processes(jax.process_index(), jax.process_count())


def check_place(coordinator, num_processes, process_id):
    """Checks the coordinator, the number of processes and this one's.

    Raises:
        ValueError: If an argument is missing or out of its range.
    """
    host, _, port = str(coordinator).rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(
            "The coordinator must be the address of process 0, HOST:PORT. "
            f"Received: coordinator={coordinator!r}"
        )
    if not num_processes or num_processes < 1:
        raise ValueError(
            "There must be at least one process. "
            f"Received: num_processes={num_processes}"
        )
    if process_id is None or not 0 <= process_id < num_processes:
        raise ValueError(
            "Each process must have a number of its own, from 0 to "
            f"{num_processes - 1}. Received: process_id={process_id}"
        )


@contextlib.contextmanager
def short_jax_errors():
    """Shortens JAX's error about a lost process to one line.

    Raises:
        ConnectionError: If JAX fails inside the `with`, but for a lack of
            memory.
    """
    import jax

    try:
        yield
    # Where the result of a step is read, it is a `ValueError`.
    except (jax.errors.JaxRuntimeError, ValueError) as error:
        status = str(error).partition(":")[0]
        if status == "RESOURCE_EXHAUSTED" or (
            isinstance(error, ValueError) and status not in _LOST_STATUS
        ):
            raise
        raise ConnectionError(
            f"{LOST} could not go on together; one of them may have ended, or "
            f"the network: {one_line(error)}"
        ) from error
