"""A process on a machine of a Ray cluster, used as one of this machine."""

import contextlib
import os
import sys
import threading

from kerasfg.child_process import LOST
from kerasfg.one_line import one_line

# Seconds in which a process ends that was killed, or its machine is given up.
_END = 10


def child_actor(ray):
    """Returns the actor class of `kerasfg.engines.ray_child`.

    Args:
        ray: The module `ray`, connected.
    """
    from ray import cloudpickle

    from kerasfg.engines import ray_child

    # By reference a machine would import kerasfg, and Keras with it.
    cloudpickle.register_pickle_by_value(ray_child)
    return ray.remote(ray_child.Child)


class RayProcess:
    """Runs Python by an actor; it has what is used of `subprocess.Popen`.

    Args:
        ray: The module `ray`, connected.
        actor: The actor, of `child_actor`.
        arguments: Arguments of Python, a list of strings.
        variables: Environment variables beside those of the machine.
        folder: The working folder.
        shows: Whether its standard output is written to this process's.

    Attributes:
        stderr: Text stream of its standard error.
        stdin, stdout: `None`.
    """

    stdin = stdout = None

    def __init__(self, ray, actor, arguments, variables, folder, shows):
        self._ray, self._actor, self._code = ray, actor, None
        reading, self._writing = os.pipe()
        self.stderr = os.fdopen(reading, errors="replace")
        output = actor.run.options(num_returns="streaming").remote(
            arguments, variables, folder, shows
        )
        self._relay = threading.Thread(
            target=self._take, args=[output], daemon=True
        )
        self._relay.start()

    def poll(self):
        """Returns the exit code, or `None` while it runs."""
        return self._code

    def kill(self):
        """Ends the actor, and the process with it."""
        # No longer connected, or the actor is gone.
        with contextlib.suppress(Exception):
            self._ray.kill(self._actor)

    def wait(self):
        """Waits for the end, after `kill` not for long; returns the code."""
        self._relay.join(_END)
        return LOST if self._code is None else self._code

    def _take(self, output):
        code, line = LOST, b""
        with os.fdopen(self._writing, "wb", buffering=0) as stderr:
            try:
                for reference in output:
                    kind, content = self._ray.get(reference)
                    if kind == "code":
                        code = content
                    elif kind == "stdout":
                        whole, end, line = (line + content).rpartition(b"\n")
                        sys.stdout.write((whole + end).decode(errors="replace"))
                        sys.stdout.flush()
                    else:
                        stderr.write(content)
                sys.stdout.write(line.decode(errors="replace"))
            except self._ray.exceptions.RayTaskError as error:
                code = 1
                stderr.write(f"{one_line(error.cause)}\n".encode())
            # The actor or its machine ended; or the connection to the cluster,
            # which raises many types.
            except Exception:
                code = LOST
        self._code = code
