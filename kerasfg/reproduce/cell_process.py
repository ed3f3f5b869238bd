"""A training in a process of its own, which ends with its parent."""

import sys
import time
import tomllib
import traceback
from pathlib import Path

from kerasfg.child_process import end_child
from kerasfg.child_process import end_with_parent
from kerasfg.child_process import how_it_ended
from kerasfg.child_process import start_child
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
            self.process = start_child(
                [sys.executable, "-P", "-m", module, *told],
                stdout=log,
                stderr=log,
            )

    def has_ended(self):
        """Returns whether the process has come to an end."""
        return self.process.poll() is not None

    def seconds(self):
        """Returns how long ago the process was started."""
        return time.perf_counter() - self.began

    def kill(self):
        """Ends the process at once; what it wrote to disk stays whole."""
        end_child(self.process)
        self.log.unlink(missing_ok=True)

    def failure(self):
        """Returns why a process that has ended failed, or `None`.

        One line; the log has the whole story.
        """
        how = how_it_ended(self.process)
        lines = [line for line in self._read_log() if line.strip()]
        code = self.process.returncode
        if code == 0:
            self.kill()
            return None
        end_child(self.process)
        return lines[-1] if lines and code > 0 else f"its process {how}"

    def _read_log(self):
        try:
            return self.log.read_text("utf-8", "replace").split("\n")
        except FileNotFoundError:  # somebody has removed it
            return []


def main(recipe, out, euclidean=""):
    """Is the other process.

    Args:
        recipe: Text of the recipe.
        out: The run folder.
        euclidean: See `CellProcess`.
    """
    keep_freed_memory()
    end_with_parent()
    try:
        _train(recipe, out, euclidean)
    except Exception as error:
        traceback.print_exc()
        sys.stderr.write(f"{' '.join(str(error).split()) or repr(error)}\n")
        sys.exit(1)


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
