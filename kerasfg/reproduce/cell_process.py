"""Runs a training of a grid in its own process."""

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
    """Starts or resumes a training in another process.

    Its memory is freed at its end, and a crash does not affect this process.
    Its output goes to the log `OUT.log`, which is removed if the training
    succeeds. The other process ends if this one ends, for any reason.

    Args:
        recipe: A `Recipe`.
        out: The run folder; new, or that of an interrupted training.
        euclidean: One of `EUCLIDEAN` (metrics/nearest_neighbour.py) to compare
            features instead of training; see `kerasfg.reproduce.euclidean`.
            Defaults to `""`.
    """

    def __init__(self, recipe, out, euclidean=""):
        self.log = Path(f"{out}.log")
        self.started = time.perf_counter()
        module = "kerasfg.reproduce.cell_process"
        arguments = [recipe.to_toml(whole=False), str(out), euclidean]
        with open(self.log, "wb") as log:
            self.process = start_child(
                [sys.executable, "-P", "-m", module, *arguments],
                stdout=log,
                stderr=log,
            )

    def has_ended(self):
        """Returns whether the process has ended."""
        return self.process.poll() is not None

    def seconds(self):
        """Returns the seconds since the process was started."""
        return time.perf_counter() - self.started

    def kill(self):
        """Ends the process at once; its files on disk stay complete."""
        end_child(self.process)
        self.log.unlink(missing_ok=True)

    def failure(self):
        """Returns why the ended process failed, in one line, or `None`.

        The log has the traceback.
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
        except FileNotFoundError:  # it was removed meanwhile
            return []


def main(recipe, out, euclidean=""):
    """Runs in the other process.

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
    resume = run.recipe.exists()
    if resume:  # its pictures may have moved
        if recipe.training.effort != "quick":  # the run holds what that set
            found = Recipe.from_toml(run.recipe)
            recipe = found.with_options(data=recipe.data.path)
        write_text(run.recipe, recipe.to_toml())
    train(recipe, out, resume=resume, verbose=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
