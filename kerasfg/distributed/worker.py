"""One of the processes of a training, started and watched by a supervisor."""

import json
import os
import sys

from kerasfg.child_process import end_with_parent
from kerasfg.distributed.join import join
from kerasfg.one_line import one_line

# The environment variable that the supervisor sets for each worker.
PLACE_VARIABLE = "KERASFG_PROCESS"
# Starts of lines for the supervisor; the supervisor does not show other lines.
JOINED, RUN, ERROR, WARNING = "Joined", "Run: ", "Error: ", "Warning: "


def environment(place, local):
    """Returns the environment variables of a worker.

    Args:
        place: `[coordinator, num_processes, process_id]`, each `None` if
            JAX takes them from the environment.
        local: Whether all processes are on this machine. They then use its
            CPU, and other machines cannot reach them.
    """
    variables = {
        **os.environ,
        PLACE_VARIABLE: json.dumps(place),
        "KERAS_BACKEND": "jax",
        "PYTHONUNBUFFERED": "1",
    }
    if local:
        variables.setdefault("JAX_PLATFORMS", "cpu")
        variables["JAX_COORDINATOR_BIND_ADDRESS"] = place[0]
    return variables


def is_worker():
    """Returns whether this process was started by a supervisor."""
    return PLACE_VARIABLE in os.environ


def become_worker():
    """Joins the other workers; this process ends with its supervisor.

    Returns:
        The `kerasfg.distributed.processes.Processes`.
    """
    end_with_parent()
    _keep_output_to_python()
    sys.excepthook = _report_error
    processes = join(*json.loads(os.environ[PLACE_VARIABLE]))
    send(JOINED)
    return processes


def send(line):
    """Sends a line to the supervisor."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _report_error(kind, error, trace):
    sys.__excepthook__(kind, error, trace)
    send(f"{ERROR}{kind.__name__}: {one_line(error)}")


def _keep_output_to_python():
    """Redirects the standard output of C++ libraries to standard error."""
    sys.stdout.flush()
    own = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = os.fdopen(own, "w", encoding="utf-8", buffering=1)
