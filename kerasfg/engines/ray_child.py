"""What a machine of the cluster runs; nothing here needs kerasfg or Keras.

Ray carries this module as a whole to the machines (see `ray_process`), so that
its workers load neither.
"""

import os
import selectors
import socket
import subprocess
import sys
from pathlib import Path

_CHUNK = 1 << 16  # bytes that are read at a time


class Child:
    """An actor: it starts a process on its machine and reads its output.

    The process ends when the actor does, as its standard input is a pipe from
    it: see `kerasfg.child_process`.
    """

    def place(self):
        """Returns the address of this machine with a port that is free."""
        import ray

        host = ray.util.get_node_ip_address()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.bind((host, 0))
            port = probe.getsockname()[1]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def misses(self, folder, file, text):
        """Returns what this machine does not see of a disk that all share.

        Args:
            folder: A folder that must exist.
            file: A file that must exist.
            text: What must be in it.

        Returns:
            The path, or `None` if it sees both.
        """
        if not Path(folder).is_dir():
            return folder
        try:
            return None if Path(file).read_text() == text else file
        except OSError:
            return file

    def run(self, arguments, variables, folder, shows):
        """Runs Python and yields what it writes.

        Args:
            arguments: Arguments of Python, a list of strings.
            variables: Environment variables beside those of this machine.
            folder: The working folder.
            shows: Whether its standard output is wanted.

        Yields:
            `("stdout" or "stderr", bytes)`, and at last `("code", number)`.
        """
        with (
            subprocess.Popen(
                [sys.executable, *arguments],
                env={**os.environ, **variables},
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if shows else subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            ) as process,
            selectors.DefaultSelector() as pipes,
        ):
            for name in ("stdout", "stderr"):
                if pipe := getattr(process, name):
                    pipes.register(pipe, selectors.EVENT_READ, name)
            while pipes.get_map():
                ready = pipes.select(timeout=1)
                # One of its own children may hold a pipe open.
                if not ready and process.poll() is not None:
                    break
                for key, _ in ready:
                    content = os.read(key.fd, _CHUNK)
                    if content:
                        yield key.data, content
                    else:
                        pipes.unregister(key.fileobj)
            yield "code", process.wait()
