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
import io
import os
import statistics
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from PIL import Image

from kerasfg.config.pixels import quietly
from kerasfg.config.pixels import read_source
from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.data.splits import read_splits
from kerasfg.run import RunFolder
from kerasfg.run.load_keras import load_keras

BASELINE = "no_views"
ALLOWED_POINTS = 0.5
# How, and by how many steps they begin before the middle of a new pixel: the
# nearest one of OpenCV is the first of those that a new pixel stands for.
_SAMPLED = {
    "linear": (Image.Resampling.BILINEAR, 0.0),
    "nearest": (Image.Resampling.NEAREST, -0.5 + 1e-6),
}
COLUMNS = ("row", "method", "seed", "way", "top_1")


def ways(image, size):
    """Yields the name of each way, and the square that it makes."""
    yield "training", shrink(image, size)
    square = middle_of(image)
    step = square.width / size
    for name, (resample, shift) in _SAMPLED.items():
        # Pillow adds half of a step.
        grid = (step, 0, shift * step, 0, step, shift * step)
        small = square.transform(
            (size, size), Image.Transform.AFFINE, grid, resample
        )
        yield name, np.array(small)
    yield "area", np.array(square.resize((size, size), Image.Resampling.BOX))
    file = io.BytesIO()
    image.save(file, "jpeg", quality=50)
    with Image.open(file) as compressed:
        yield "jpeg_50", shrink(compressed.convert("RGB"), size)


def middle_of(image):
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def measure(folder):
    """Returns the accuracy of a run for each way."""
    run = RunFolder(folder)
    recipe = run.read_recipe()
    with quietly():
        source = read_source(recipe.data, recipe.training.seed)
    splits = read_splits(run.splits, source.names)
    rows = [i for i, n in enumerate(source.names) if splits.get(n) == "test"]
    made = [dict(ways(source.read(i), recipe.data.image_size)) for i in rows]
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
