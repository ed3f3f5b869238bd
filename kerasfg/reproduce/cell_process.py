"""A training in a process of its own, which ends with its parent."""

import os
import signal
import subprocess
import sys
import threading
import time
import tomllib
import traceback
from pathlib import Path

from kerasfg.freed_memory import keep_freed_memory


class CellProcess:
    """Starts a training, or goes on with it, in another process.

    Its memory goes away with it, a crash is only its own, and what TensorFlow
    prints goes to a log beside the run folder, which is removed if all is
    well. If this process ends, however it does, the other one does too.

    Args:
        recipe: A `Recipe`.
        out: The run folder, new or of a training that was interrupted.
        euclidean: With one of `EUCLIDEAN` (metrics/nearest_neighbour.py)
            nothing is trained; see `kerasfg.reproduce.euclidean`. Defaults to
            `""`.
    """

    def __init__(self, recipe, out, euclidean=""):
        self.log = Path(f"{out}.log")
        self.began = time.perf_counter()
        module = "kerasfg.reproduce.cell_process"
        told = [recipe.to_toml(), str(out), euclidean]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, *told],
                stdin=subprocess.PIPE,  # its end tells that of this process
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for this process
            )

    def has_ended(self):
        """Returns whether the process has come to an end."""
        return self.process.poll() is not None

    def seconds(self):
        """Returns how long ago the process was started."""
        return time.perf_counter() - self.began

    def kill(self):
        """Ends the process at once; what it wrote to disk stays whole."""
        self.process.kill()
        self._clean_up()

    def failure(self):
        """Returns why a process that has ended failed, or `None`.

        One line; the log has the whole story.
        """
        code = self.process.wait()
        said = [line for line in self._read_log() if line.strip()]
        if code == 0:
            self._clean_up()
            return None
        self.process.stdin.close()
        if code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return said[-1] if said else f"ended with the exit code {code}"

    def _read_log(self):
        try:
            return self.log.read_text("utf-8", "replace").split("\n")
        except FileNotFoundError:  # somebody has removed it
            return []

    def _clean_up(self):
        self.process.wait()
        self.process.stdin.close()
        self.log.unlink(missing_ok=True)


def main(recipe, out, euclidean=""):
    """Is the other process.

    Args:
        recipe: Text of the recipe.
        out: The run folder.
        euclidean: See `CellProcess`.
    """
    keep_freed_memory()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _train(recipe, out, euclidean)
    except Exception as error:
        traceback.print_exc()
        sys.stderr.write(f"{' '.join(str(error).split()) or repr(error)}\n")
        sys.exit(1)


def _end_with_parent():
    os.read(sys.stdin.fileno(), 1)  # nothing is sent: it ends with the parent
    os._exit(1)


def _train(recipe, out, euclidean):
    from kerasfg.config.recipe import Recipe
    from kerasfg.reproduce.euclidean import measure_euclidean
    from kerasfg.run.run_folder import RunFolder
    from kerasfg.run.run_folder import write_text
    from kerasfg.training.train import train

    recipe = Recipe.from_values(tomllib.loads(recipe))
    if euclidean:
        measure_euclidean(recipe, out, euclidean)
        return
    run = RunFolder(out)
    begun = run.recipe.exists()
    if begun:  # its pictures may have moved
        write_text(run.recipe, recipe.to_toml())
    train(recipe, out, resume=begun, verbose=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
