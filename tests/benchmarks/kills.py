"""A training that is killed many times ends as if undisturbed.

    python tests/benchmarks/kills.py [KILLS]

Kills a training of 85 epochs ten times, or KILLS times, by SIGKILL at random
moments, resumes it each time, and compares the files and the weights with those
of one that nobody disturbed. Exits with 1 where they are not the same to the
last bit. It takes about a minute for ten kills.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
SCRIPT = """
import sys
from pathlib import Path

import small_networks

from kerasfg.config import Recipe
from kerasfg.training import train

small_networks.let_recipes_train_it()
recipe = Recipe().with_options(
    data="field_guide", images_per_class=3, image_size=16, epochs=80,
    head_epochs=5, batch_size=8, dropout=0.3, ema=0.8, early_stopping=100,
    learning_rate=0.05,
)
run = Path(sys.argv[1])
print("ready", flush=True)
train(recipe, run, resume=(run / "recipe.toml").exists(), verbose=False)
"""


def main(kills):
    with tempfile.TemporaryDirectory() as folder:
        whole, run = Path(folder, "whole"), Path(folder, "run")
        finish(start(whole))
        for number in range(kills):
            done = kill_somewhere(start(run), run / "checkpoint.npz")
            print(f"kill {number + 1}" if done else "it ended before a kill")
        finish(start(run))
        same = files(whole) == files(run) and weights(whole) == weights(run)
    print("the same to the last bit" if same else "another result")
    return int(not same)


def start(run):
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", SCRIPT, run],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()  # all is imported, the training begins
    return process


def finish(process):
    process.communicate()
    if process.returncode:
        sys.exit(f"The training failed: exit code {process.returncode}")


def kill_somewhere(process, checkpoint):
    """Kills after none to three more epochs, and up to half a second.

    Returns:
        Whether it was still training.
    """

    def written():
        return checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0

    for _ in range(random.randrange(4)):
        before = written()
        while written() == before and process.poll() is None:
            time.sleep(0.002)
    time.sleep(random.uniform(0, 0.5))
    ended = process.poll() is not None
    process.kill()
    process.communicate()
    return not ended


def files(run):
    return sorted(file.name for file in run.iterdir())


def weights(run):
    import keras

    import kerasfg  # noqa: F401, registers the model

    model = keras.saving.load_model(run / "model.keras", compile=False)
    return [weight.tobytes() for weight in model.get_weights()]


if __name__ == "__main__":
    sys.exit(main(int(*sys.argv[1:2] or ["10"])))
