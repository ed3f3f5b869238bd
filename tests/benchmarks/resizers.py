"""Tests the runs of the grid `resizers` under what apps do to a picture.

    kerasfg reproduce resizers --data DIR --out OUT
    python tests/benchmarks/resizers.py OUT/resizers

Shrinks the test pictures of each run from their own size in five ways, and
prints the accuracy for each way, row and method: the mean over the seeds and
its standard deviation, and the difference to `no_views` of the same seeds.
`OUT/resizers/clients.csv` keeps what was measured, so that a second call
measures only new runs.

`views` with mixed shrinking is to be the way in which views are made if it
costs less than half a point as training shrinks: the last lines say so.
"""

import csv
import os
import statistics
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from kerasfg.config.pixels import quietly
from kerasfg.config.pixels import read_source
from kerasfg.data.pixels.low_resolution import crop_box
from kerasfg.data.splits import read_splits
from kerasfg.evaluation.clients import opencv
from kerasfg.evaluation.clients.linear import linear
from kerasfg.evaluation.clients.mistakes import compressed
from kerasfg.evaluation.clients.pillow_kernels import as_trained
from kerasfg.run import RunFolder
from kerasfg.run.load_keras import load_keras

BASELINE = "no_views"
ALLOWED_POINTS = 0.5
WAYS = {
    "training": as_trained,
    "linear": linear,
    "nearest": opencv.nearest,
    "area": opencv.area,
    "jpeg_50": compressed,
}
COLUMNS = ("row", "method", "seed", "way", "top_1")


def ways(image, size):
    """Returns the square that each way makes of a picture."""
    square = np.asarray(image.crop(crop_box(*image.size)))
    return {name: shrunk(square, size) for name, shrunk in WAYS.items()}


def measure(folder):
    """Returns the accuracy of a run for each way."""
    run = RunFolder(folder)
    recipe = run.read_recipe()
    with quietly():
        source = read_source(recipe.data, recipe.training.seed)
    splits = read_splits(run.splits, source.names)
    rows = [i for i, n in enumerate(source.names) if splits.get(n) == "test"]
    made = [ways(source.read(i), recipe.data.image_size) for i in rows]
    model = load_keras(run.model, verbose=False)
    found = {}
    for way in made[0]:
        images = np.stack([one[way] for one in made]).astype("float32")
        guessed = model.predict(images, verbose=0).argmax(axis=1)
        found[way] = float(np.mean(guessed == source.labels[rows]))
    return found


def main(folder):
    file = folder / "clients.csv"
    known = list(csv.DictReader(file.open())) if file.is_file() else []
    done = {(r["row"], r["method"], r["seed"]) for r in known}
    for manifest in sorted(folder.glob("*/kerasfg.json")):
        row, method, *_, seed = manifest.parent.name.split("-")
        if (row, method, seed) in done:
            continue
        for way, top_1 in measure(manifest.parent).items():
            values = (row, method, seed, way, round(top_1, 4))
            known.append(dict(zip(COLUMNS, values, strict=True)))
        with open(file, "w", newline="") as opened:
            writer = csv.DictWriter(opened, COLUMNS)
            writer.writeheader()
            writer.writerows(known)
    report(known)


def report(known):
    cells = {}
    for r in known:
        key = r["row"], r["method"], r["way"]
        cells.setdefault(key, {})[r["seed"]] = 100 * float(r["top_1"])
    rows, methods, names = (
        list(dict.fromkeys(key[i] for key in cells)) for i in range(3)
    )
    methods.sort(key=lambda method: method != BASELINE)
    print("| pictures | trained on | seeds | " + " | ".join(names) + " |")
    print("| --- | --- | ---: |" + " ---: |" * len(names))
    for row in rows:
        for method in methods:
            of = [cells.get((row, method, name), {}) for name in names]
            seeds = ", ".join(sorted(of[0]))
            texts = [
                text(own, cells.get((row, BASELINE, name), {}), method)
                for own, name in zip(of, names, strict=True)
            ]
            print(f"| {row} | {method} | {seeds} | {' | '.join(texts)} |")
    decide(cells, rows)


def text(own, baseline, method):
    if not own:
        return ""
    values = list(own.values())
    spread = f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else ""
    gain = mean_difference(own, baseline)
    more = "" if method == BASELINE or gain is None else f" ({gain:+.1f})"
    return f"{statistics.mean(values):.1f}{spread}{more}"


def mean_difference(own, baseline):
    """Returns how many points more it is for the seeds of both, or `None`."""
    both = own.keys() & baseline.keys()
    if not both:
        return None
    return statistics.mean(own[seed] - baseline[seed] for seed in both)


def decide(cells, rows):
    costs = [
        mean_difference(
            cells.get((row, "mixed", "training"), {}),
            cells.get((row, "views", "training"), {}),
        )
        for row in rows
    ]
    costs = [-cost for cost in costs if cost is not None]
    if costs:
        cost = statistics.mean(costs)
        verdict = "less" if cost < ALLOWED_POINTS else "not less"
        print(
            f"\nMixed shrinking costs {cost:+.1f} points as training shrinks "
            f"(mean of {len(costs)} sets; of views alone): {verdict} than "
            f"{ALLOWED_POINTS}."
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
