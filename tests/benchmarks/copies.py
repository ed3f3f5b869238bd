"""Prints what share of changed copies `find_copies` finds, and what else.

    python tests/benchmarks/copies.py [FOLDER ...]

A FOLDER has one folder of pictures per class; by default the data sets in the
folder KERASFG_DATA. For each change, 150 pictures are changed and put beside
all pictures of the folder; printed is the share that is linked with its
original. The first row says how many pairs are found among the pictures as
they are, and how many of those are of two classes.
"""

import io
import os
import pathlib
import sys
import time

import numpy as np
from PIL import Image
from PIL import ImageEnhance
from PIL import ImageOps

from kerasfg.data import from_folder
from kerasfg.data.duplicates import components
from kerasfg.data.duplicates import find_copies
from kerasfg.data.pixels.perceptual_hash import perceptual_hashes
from kerasfg.data.pixels.perceptual_hash import thumbnail

SETS = ("flowers17", "birds_cub80", "dogs10", "awa2/tiny32")
CHANGED = 150
RANDOM = np.random.default_rng(0)


def main(folders):
    found = [measure(folder) for folder in folders]
    print("| change | " + " | ".join(f.name for f in folders) + " |")
    print("| --- |" + " ---: |" * len(folders))
    for change in found[0]:
        print(f"| {change} | " + " | ".join(f[change] for f in found) + " |")


def measure(folder):
    source = from_folder(folder)
    originals = [source.read(row) for row in range(len(source))]
    pictures = np.array([thumbnail(image) for image in originals])
    chosen = RANDOM.choice(len(source), min(CHANGED, len(source)), False)
    start = time.perf_counter()
    pairs = copies_of(pictures).pairs
    seconds = time.perf_counter() - start
    mixed = int(np.sum(np.diff(source.labels[pairs], axis=1) != 0))
    result = {"none": f"{len(pairs)} pairs, {mixed} of two classes"}
    result["seconds"] = f"{seconds:.1f}"
    for name, change in CHANGES.items():
        changed = [thumbnail(change(originals[row])) for row in chosen]
        together = np.concatenate([pictures, changed])
        sets = components(copies_of(together).pairs, len(together))
        share = np.mean(sets[chosen] == sets[len(pictures) :])
        result[name] = f"{100 * share:.0f} %"
    return result


def copies_of(pictures):
    digests = tuple(str(number) for number in range(len(pictures)))
    return find_copies(pictures, perceptual_hashes(pictures), digests, False)


def jpeg(image, quality):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def scaled(image, factor):
    size = [max(1, round(side * factor)) for side in image.size]
    return image.resize(size, Image.Resampling.BICUBIC)


def cropped(image, share, where):
    width, height = (round(side * (1 - share)) for side in image.size)
    left, top = image.width - width, image.height - height
    if where == "anywhere":
        left, top = RANDOM.integers(0, [left + 1, top + 1]).tolist()
    else:
        left, top = left // 2, top // 2
    return image.crop((left, top, left + width, top + height))


def without_left(image, share):
    return image.crop((round(image.width * share), 0, *image.size))


CHANGES = {
    **{
        f"JPEG of quality {quality}": lambda image, quality=quality: jpeg(
            image, quality
        )
        for quality in (90, 70, 50, 30)
    },
    **{
        f"scaled by {factor}": lambda image, factor=factor: scaled(
            image, factor
        )
        for factor in (0.25, 0.5, 2)
    },
    **{
        f"cropped by {share:.0%}, {where}": (
            lambda image, share=share, where=where: cropped(image, share, where)
        )
        for where in ("centred", "anywhere")
        for share in (0.05, 0.1, 0.2)
    },
    **{
        f"left {share:.0%} cut off": lambda image, share=share: without_left(
            image, share
        )
        for share in (0.05, 0.1, 0.2)
    },
    "mirrored": ImageOps.mirror,
    "darker by 20 %": lambda image: ImageEnhance.Brightness(image).enhance(0.8),
    "brighter by 25 %": lambda image: ImageEnhance.Brightness(image).enhance(
        1.25
    ),
    "grey": lambda image: image.convert("L").convert("RGB"),
    "cropped by 10 %, halved, JPEG of quality 50": lambda image: jpeg(
        scaled(cropped(image, 0.1, "centred"), 0.5), 50
    ),
}


if __name__ == "__main__":
    data = pathlib.Path(os.environ.get("KERASFG_DATA", ""))
    named = [pathlib.Path(argument) for argument in sys.argv[1:]]
    main(named or [data / name for name in SETS])
