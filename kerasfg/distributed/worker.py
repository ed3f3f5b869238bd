"""One of the processes of a training, started and watched by a supervisor."""

import json
import os
import sys

from kerasfg.child_process import end_with_parent
from kerasfg.distributed.join import beginning
from kerasfg.distributed.join import join

PLACE = "KERASFG_PROCESS"
# How lines to the supervisor begin; it keeps what else is said to itself.
JOINED, RUN, ERROR, WARNING = "Joined", "Run: ", "Error: ", "Warning: "


def environment(place, local):
    """Returns what a worker has to find in its environment.

    Args:
        place: `[coordinator, num_processes, process_id]`, each `None` where
            something else tells JAX.
        local: Whether all processes are on this machine. They then use its
            processors, and nobody else can reach them.
    """
    variables = {
        **os.environ,
        PLACE: json.dumps(place),
        "KERAS_BACKEND": "jax",
        "PYTHONUNBUFFERED": "1",
    }
    if local:
        variables.setdefault("JAX_PLATFORMS", "cpu")
        variables["JAX_COORDINATOR_BIND_ADDRESS"] = place[0]
    return variables


def is_worker():
    """Returns whether this process was started by a supervisor."""
    return PLACE in os.environ


def become_worker():
    """Joins the other workers; this process ends with its supervisor.

    Returns:
        The `kerasfg.distributed.processes.Processes`.
    """
    end_with_parent()
    _keep_output_to_python()
    sys.excepthook = _tell_of_error
    processes = join(*json.loads(os.environ[PLACE]))
    tell(JOINED)
    return processes


def tell(line):
    """Says a line to the supervisor."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _tell_of_error(kind, error, trace):
    sys.__excepthook__(kind, error, trace)
    tell(f"{ERROR}{kind.__name__}: {beginning(error)}")


def _keep_output_to_python():
    """Turns what C++ libraries print on standard output to standard error."""
    sys.stdout.flush()
    own = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = os.fdopen(own, "w", encoding="utf-8", buffering=1)
