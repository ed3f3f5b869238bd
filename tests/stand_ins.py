"""What stands for a network or a part of a grid, made up."""

import numpy as np
from PIL import Image

from kerasfg.reproduce.progress import OVERHEAD_SECONDS
from kerasfg.run.predictor import Predictor

# Of the trainings that `make_row` makes up.
# The seeds of the last method are not all those of the first.
SEEDS = {"plain": (0, 1, 2, 3), "tuned": (0, 1, 2), "other": (4, 3, 2)}


MEASURES = {
    "val_accuracy": "val_accuracy",
    "top_1": "test_accuracy",
    "balanced_accuracy": "test_balanced",
    "top_3": "test_top_3",
    "top_5": "test_top_5",
    "seconds_per_epoch": "seconds_per_epoch",
}


class Process:
    """Stands for `CellProcess`; it ends when it is asked the second time."""

    alive = []  # names of those that run, over all of them
    most = 0
    trained = []
    fails = ()
    leave_run = None

    def __init__(self, recipe, out, euclidean=""):
        self.recipe, self.out, self.euclidean = recipe, out, euclidean
        self.log = f"{out}.log"
        self.asked = 0
        Process.trained.append(out.name)
        Process.alive.append(out.name)
        Process.most = max(Process.most, len(Process.alive))

    def has_ended(self):
        self.asked += 1
        return self.asked > 1

    def seconds(self):
        return 60.0

    def kill(self):
        Process.alive.remove(self.out.name)

    def failure(self):
        Process.alive.remove(self.out.name)
        if self.out.name in Process.fails:
            return "it did not want to"
        accuracy = self.recipe.model.dropout
        Process.leave_run(
            self.out,
            self.recipe,
            accuracy,
            seconds=60,
            euclidean=self.euclidean,
        )
        return None


def estimate(results, pictures, jobs, say):
    """Stands for `estimate`, which times; a minute from start to end."""
    Process.pictures = pictures
    seconds = 60.0 - OVERHEAD_SECONDS
    return {(cell.row, cell.method): seconds for cell in results.missing()}


# === Data sets in the folders and layouts that the grids want ===


def draw(path, label, number, size=(8, 8)):
    """Draws pixels of noise, of a colour that depends on the class."""
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng([label, number])
    pixels = random.integers(0, 90, (*size, 3), dtype="uint8")
    pixels[..., label % 3] += np.uint8(10 * (label % 16))
    Image.fromarray(pixels).save(path)


def write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))


def numbered(lines):
    return [f"{i} {line}" for i, line in enumerate(lines, start=1)]


COLORS = ("red", "green", "blue")


class ColorNetwork:
    """Answers with the share of each colour; ends at a call like Ctrl-C."""

    def __init__(self, calls=None):
        self.seen = 0
        self.calls = calls

    def __call__(self, images):
        if self.calls == 0:
            raise KeyboardInterrupt
        if self.calls is not None:
            self.calls -= 1
        self.seen += len(images)
        sums = images.sum(axis=(1, 2), dtype="float32") + 1
        return sums / sums.sum(axis=1, keepdims=True)


def color_predictor(network=None, **fields):
    """A `Predictor` of a `ColorNetwork`."""
    return Predictor(network or ColorNetwork(), 4, "center", COLORS, **fields)
