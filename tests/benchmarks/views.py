"""Compares making and using stored views with what they are made of.

    python tests/benchmarks/views.py [FOLDER]

FOLDER has one folder of pictures per class; by default it is birds_cub80 in the
folder KERASFG_DATA. Prints three ratios and exits with 1 where one is beyond
its limit:

1. The rate at which 16 views of a picture are made and shown to a teacher of
   224 pixels (EfficientNet-Lite0), over the rate at which the same pictures are
   decoded, cut and shrunk, and shown, timed one after the other: at least 0.8.
2. The time of a step of the student, EfficientNet-Lite0 at 32 pixels, that
   learns from stored logits, with its batch, over that of one without a
   teacher: at most 1.05. The median of interleaved pairs.
3. The seconds of a second run, from the files to all pixels and views, over
   the 2 s that it may take: at most 1.

Other programs disturb all of them: run it alone.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from kerasfg.config import Recipe
from kerasfg.config.pixels import load_training_pixels
from kerasfg.config.pixels import read_source
from kerasfg.config.views import load_shared_views
from kerasfg.data.batches.augmentation import Augmentation
from kerasfg.data.batches.pipeline import TrainingBatches
from kerasfg.data.views.drawing import draw_views
from kerasfg.data.views.picture_views import picture_views
from kerasfg.data.views.stored import Views
from kerasfg.data.views.stored import ViewSettings
from kerasfg.data.views.stored import stored_views
from kerasfg.distributed.processes import SINGLE_PROCESS
from kerasfg.models import FineGrainedClassifier
from kerasfg.models import backbone

BIRDS = Path(os.environ.get("KERASFG_DATA", ""), "birds_cub80")
SIZE, TEACHER_SIZE, COUNT, CLASSES = 32, 224, 16, 80
PICTURES, SHOWN, ROUNDS = 32, 64, 3
STEPS, BATCH = 60, 32
LEAST_RATE, MOST_STEP, MOST_SECONDS = 0.8, 1.05, 2.0


class Teacher:
    """A network with random weights; its time is that of a trained one."""

    image_size, classes, digest = TEACHER_SIZE, CLASSES, "random"

    def __init__(self):
        features = backbone("efficientnet_lite0", TEACHER_SIZE, weights=None)
        x = keras.layers.GlobalAveragePooling2D()(features.output)
        logits = keras.layers.Dense(CLASSES)(x)
        self.network = keras.Model(features.input, logits)
        jax = keras.backend.backend() == "jax"
        self.network.compile(jit_compile=jax)

    def __call__(self, images):
        return self.network.predict_on_batch(images)


def main(folder):
    recipe = Recipe().with_options(
        data=str(folder), image_size=SIZE, views=COUNT
    )
    with tempfile.TemporaryDirectory() as cache:
        os.environ["KERASFG_CACHE"] = cache
        results = [
            report("views", "rate", rate(recipe), LEAST_RATE, np.greater_equal),
            report("step", "time", step(), MOST_STEP, np.less_equal),
            report(
                "second run",
                "time",
                second_run(recipe) / MOST_SECONDS,
                1.0,
                np.less_equal,
            ),
        ]
    return int(not all(results))


def report(name, what, ratio, limit, holds):
    good = bool(holds(ratio, limit))
    word = "least" if holds is np.greater_equal else "most"
    verdict = "" if good else "  beyond"
    print(f"{name:11} {what} ratio {ratio:.3f}, at {word} {limit}{verdict}")
    return good


# === Making views ===


def rate(recipe):
    """Returns the seconds of the parts over those of the whole, the best."""
    source = read_source(recipe.data)
    rows = np.linspace(0, len(source) - 1, PICTURES).astype(int)
    teacher = Teacher()
    teacher(np.zeros((SHOWN, TEACHER_SIZE, TEACHER_SIZE, 3), "float32"))
    apart, whole = [], []
    for seed in range(ROUNDS):  # in turn, so that other work slows both alike
        apart.append(seconds_apart(source, rows, teacher, seed))
        whole.append(seconds_whole(source, rows, teacher, seed))
    parts = np.array(apart)[np.argmin(np.sum(apart, axis=1))]
    print(
        f"{PICTURES} pictures, {COUNT} views of each: decoding {parts[0]:.2f} "
        f"s, cutting and shrinking {parts[1]:.2f} s, teacher {parts[2]:.2f} s, "
        f"all at once {min(whole):.2f} s"
    )
    return parts.sum() / min(whole)


def seconds_apart(source, rows, teacher, seed):
    times = [time.perf_counter()]
    images = [source.read(row) for row in rows]
    times.append(time.perf_counter())
    larger = []
    for row, image in zip(rows, images, strict=True):
        drawn = draw_views(source.names[row], COUNT, seed)
        larger.append(
            picture_views(image, drawn, SIZE, teacher_size=TEACHER_SIZE)[1]
        )
    times.append(time.perf_counter())
    pixels = np.concatenate(larger)
    for first in range(0, len(pixels), SHOWN):
        teacher(pixels[first : first + SHOWN].astype("float32"))
    times.append(time.perf_counter())
    return np.diff(times)


def seconds_whole(source, rows, teacher, seed):
    names, digests = ([of[row] for row in rows] for of in two(source))
    settings = ViewSettings(SIZE, COUNT, seed)
    start = time.perf_counter()
    stored_views(
        names,
        digests,
        lambda: lambda number: source.read(rows[number]),
        settings,
        teacher,
        progress=False,
    )
    return time.perf_counter() - start


def two(source):
    return source.names, source.digests


# === A step ===


def step():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (320 * COUNT, SIZE, SIZE, 3), dtype="uint8")
    logits = rng.normal(size=(len(images), CLASSES)).astype("float16")
    steps = [ready(images, None), ready(images, logits)]
    pairs = []
    for number in range(STEPS):
        order = (0, 1) if number % 2 else (1, 0)  # other work slows both alike
        taken = {}
        for which in order:
            start = time.perf_counter()
            steps[which](number)
            taken[which] = time.perf_counter() - start
        pairs.append([taken[0], taken[1]])
    plain, taught = np.array(pairs).T
    ratios = np.percentile(taught / plain, [25, 50, 75])
    print(
        f"a step {1000 * np.median(plain):.0f} ms, with a teacher "
        f"{1000 * np.median(taught):.0f} ms; quartiles of the ratio "
        f"{ratios[0]:.3f} and {ratios[2]:.3f}"
    )
    return ratios[1]


def ready(images, logits):
    """Returns a function of a number that makes a batch and a step."""
    pictures = len(images) // COUNT
    batches = TrainingBatches(
        images,
        np.arange(pictures) % CLASSES,
        BATCH,
        seed=0,
        augmentation=Augmentation(True, 0, 0, 0),
        views=Views(images, logits, COUNT),
    )
    distillation = keras.distillation.LogitsDistillation(temperature=3.0)
    model = FineGrainedClassifier(
        backbone("efficientnet_lite0", SIZE, output_stride=8, weights=None),
        CLASSES,
        distillation=None if logits is None else distillation,
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    jit = keras.backend.backend() == "jax"
    model.compile(keras.optimizers.AdamW(0.002), loss, jit_compile=jit)

    def step(number):
        epoch, index = divmod(number, batches.steps_per_epoch)
        model.train_on_batch(*batches.batch(epoch, index))

    for number in range(3):
        step(number)
    return step


# === A second run ===


def second_run(recipe):
    """Returns the seconds from the files to pixels and views, the best."""
    load(recipe)
    return min(load(recipe) for _ in range(ROUNDS))


def load(recipe):
    start = time.perf_counter()
    pixels = load_training_pixels(recipe, verbose=False)
    # 60 % of the pictures are for training.
    rows = np.flatnonzero(np.arange(len(pixels)) % 5 < 3)
    load_shared_views(recipe, pixels, rows, SINGLE_PROCESS, verbose=False)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main(Path(*sys.argv[1:2] or [BIRDS])))
