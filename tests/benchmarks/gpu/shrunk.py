"""Copies a folder of pictures at low resolution, without loss.

    python shrunk.py FROM TO PIXELS

Names, tables and splits stay. At PIXELS the copies give the pixels of the
originals.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from kerasfg.data.pixels.decode import decode_image
from kerasfg.data.pixels.low_resolution import shrink

TABLES = (".csv", ".txt")


def main(source, target, pixels):
    source, target = Path(source), Path(target)
    for file in sorted(source.rglob("*")):
        copy = target / file.relative_to(source)
        if file.is_dir():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix in TABLES:
            shutil.copyfile(file, copy)
            continue
        small = shrink(decode_image(file), int(pixels))
        # The format is found by the content; the name stays what it was.
        with copy.open("wb") as output:
            Image.fromarray(small).save(output, "webp", lossless=True)
        again = shrink(decode_image(copy), int(pixels))
        np.testing.assert_array_equal(again, small)


if __name__ == "__main__":
    main(*sys.argv[1:])
