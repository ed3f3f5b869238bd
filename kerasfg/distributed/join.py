"""How a process finds the others of its training."""

import contextlib

from kerasfg.distributed.processes import Processes

# Seconds until a process that is absent is given up.
CONNECT, HEARTBEAT, LEAVE = 35, 20, 60
# How the error of a process begins that only lost the others.
LOST = "This process and the others"


def join(coordinator=None, num_processes=None, process_id=None):
    """Joins the processes that train one model, by `jax.distributed`.

    Keras's backend must be JAX. Call it before anything is computed.

    Args:
        coordinator: `"HOST:PORT"` of process 0, which listens there. Defaults
            to `None`: SLURM, Kubernetes or the like tell JAX all three.
        num_processes: How many there are. Defaults to `None`.
        process_id: Which of them this is, from 0. Defaults to `None`.

    Returns:
        The `Processes`.

    Raises:
        ValueError: If an argument is out of its range.
        ConnectionError: If the others are not found. Where the network says
            nothing JAX ends the process instead, after 35 seconds.
    """
    if coordinator is not None:
        check_place(coordinator, num_processes, process_id)
    import jax

    # On processors; graphics cards have their own.
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
        where = coordinator or "that the environment tells of"
        raise ConnectionError(
            f"The processes must find the coordinator {where}: "
            f"{beginning(error)}"
        ) from error
    return Processes(jax.process_index(), jax.process_count())


def check_place(coordinator, num_processes, process_id):
    """Checks what a process is told of its place among the others.

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
def in_one_line():
    """Says of a lost process what JAX says in many lines.

    Raises:
        ConnectionError: Where JAX failed inside the `with`.
    """
    import jax

    try:
        yield
    except jax.errors.JaxRuntimeError as error:
        raise ConnectionError(
            f"{LOST} could not go on together; one of them may have ended, or "
            f"the network: {beginning(error)}"
        ) from error


def beginning(error, length=300):
    """Returns the beginning of what an error says, in one line."""
    text = " ".join(str(error).split())
    return text if len(text) <= length else f"{text[:length]} …"
