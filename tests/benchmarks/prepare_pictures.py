"""Compares `prepare` with plain Pillow on the 1,360 pictures of flowers17.

    python tests/benchmarks/prepare_pictures.py [FOLDER]

FOLDER is that of flowers17; by default the one in the folder KERASFG_DATA.

Prints two ratios: preparing with a cold cache over decoding and resizing the
same files in one process with Pillow (at most 1), and the seconds of a second
run, from the files to the pixels, over the 2 s that it may take (at most 1).
Exits with 1 where one is not.
"""

import os
import pathlib
import sys
import tempfile
import time

from PIL import Image

from kerasfg.data import from_folder
from kerasfg.data import prepare

FLOWERS = pathlib.Path(os.environ.get("KERASFG_DATA", ""), "flowers17")
IMAGE_SIZE = 64
ROUNDS = 5
ALLOWED_SECONDS = 2.0


def main(folder):
    files = sorted(folder.glob("*/*.jpg"))
    plain, cold, warm, used = [], [], [], []
    for _ in range(ROUNDS):  # in turn, so that other work slows all alike
        plain.append(seconds(pillow, files))
        with tempfile.TemporaryDirectory() as cache_dir:
            start = time.process_time()
            cold.append(seconds(ours, folder, cache_dir))
            used.append((time.process_time() - start) / cold[-1])
            warm.append(seconds(ours, folder, cache_dir))
    plain, first, second = min(plain), min(cold), min(warm)
    processors = used[cold.index(first)]
    print(f"{len(files)} pictures to {IMAGE_SIZE} px, best of {ROUNDS}")
    print(f"Pillow, one process  {plain:6.2f} s")
    print(
        f"prepare, cold cache  {first:6.2f} s  ratio {first / plain:.2f} "
        f"(on {processors:.1f} processors; other work may have held the rest)"
    )
    print(
        f"prepare, second run  {second:6.2f} s  "
        f"ratio {second / ALLOWED_SECONDS:.2f} (to {ALLOWED_SECONDS:.0f} s)"
    )
    return int(first > plain or second > ALLOWED_SECONDS)


def pillow(files):
    for file in files:
        with Image.open(file) as image:
            side = min(image.size)
            left, top = (image.width - side) // 2, (image.height - side) // 2
            square = image.convert("RGB").crop(
                (left, top, left + side, top + side)
            )
            square.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BICUBIC)


def ours(folder, cache_dir):
    source = from_folder(folder)
    prepare(source, IMAGE_SIZE, cache_dir=cache_dir, progress=False)


def seconds(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(*sys.argv[1:2] or [FLOWERS])))
