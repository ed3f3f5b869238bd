"""Compares `prepare` with plain Pillow on 50,000 small pictures.

    python tests/benchmarks/prepare_many_pictures.py [PICTURES]

Draws the pictures (JPEG, 96 x 72 pixels, 100 classes) in a temporary folder.
Prints the seconds, those of the processors, and the peak memory of decoding and
resizing them in one process with Pillow, of preparing them with a cold and a
warm cache, and of looking for copies, each in a process of its own; and how
soon a folder of twice as many files shows its first progress on a terminal.
Exits with 1 where the first progress takes more than 10 s. `prepare` also reads
every file for its digest, and hashes every picture, to find copies.
"""

import json
import os
import pathlib
import pty
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

PICTURES = 50_000
CLASSES = 100
IMAGE_SIZE = 32
ALLOWED_SECONDS = 10.0

# What a process measures of itself. `ru_maxrss` counts kilobytes on Linux.
MEASURE = """
import json, pathlib, resource, sys, time
def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
folder, cache_dir, image_size = sys.argv[1], sys.argv[2], int(sys.argv[3])
{imports}
before, start = memory(), time.perf_counter()
used = time.process_time()
{work}
seconds, used = time.perf_counter() - start, time.process_time() - used
print(json.dumps([seconds, used, memory(), before]))
"""
PILLOW = """
for file in sorted(pathlib.Path(folder).glob("*/*.jpg")):
    with Image.open(file) as image:
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        square = image.convert("RGB").crop(
            (left, top, left + side, top + side)
        )
        square.resize((image_size, image_size), Image.Resampling.BICUBIC)
"""
IMPORTS = "from kerasfg.data import from_folder, prepare"
OURS = "prepare(from_folder(folder), image_size, cache_dir=cache_dir)"
COPIES = (
    f"pixels = {OURS}\nstart = time.perf_counter()\n"
    "used = time.process_time()\nprint(len(find_copies("
    "pixels.thumbnails, pixels.hashes, pixels.digests)), file=sys.stderr)"
)


def main(count):
    with tempfile.TemporaryDirectory() as parent:
        folder = pathlib.Path(parent, "pictures")
        draw(folder, count)
        cache_dir = pathlib.Path(parent, "cache")
        rows = {
            "Pillow, one process": ("from PIL import Image", PILLOW),
            "prepare, cold cache": (IMPORTS, OURS),
            "prepare, second run": (IMPORTS, OURS),
            "looking for copies": (
                f"{IMPORTS}\nfrom kerasfg.data.duplicates import find_copies",
                COPIES,
            ),
        }
        print(f"{count:,} pictures to {IMAGE_SIZE} px")
        measured, busy = {}, {}
        for name, (imports, work) in rows.items():
            numbers = measure(imports, work, folder, cache_dir)
            measured[name], busy[name], peak, before = numbers
            print(
                f"{name:20} {measured[name]:6.1f} s ({busy[name]:.1f} s "
                f"of processors), {peak:.0f} MB at most, {before:.0f} before",
                flush=True,
            )
        double(folder)
        first = first_progress(folder)
        print(f"first progress of {2 * count:,} files  {first:.1f} s")
    for name, seconds in (("seconds", measured), ("of processors", busy)):
        plain, cold = list(seconds.values())[:2]
        print(f"prepare over Pillow, {name}: {cold / plain:.2f}")
    return int(first > ALLOWED_SECONDS)


def draw(folder, count):
    random = np.random.default_rng(0)
    for label in range(CLASSES):
        (folder / f"class_{label}").mkdir(parents=True)
    for number in range(count):
        coarse = random.integers(0, 256, (6, 8, 3)).astype(np.uint8)
        image = Image.fromarray(coarse).resize(
            (96, 72), Image.Resampling.BICUBIC
        )
        place = folder / f"class_{number % CLASSES}" / f"{number}.jpg"
        image.save(place, quality=85)


def double(folder):
    """Gives each picture a second name."""
    for file in list(folder.glob("*/*.jpg")):
        os.link(file, file.with_name(f"again_{file.name}"))


def measure(imports, work, folder, cache_dir):
    code = MEASURE.format(imports=imports, work=work)
    command = [sys.executable, "-c", code, folder, cache_dir, str(IMAGE_SIZE)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603
    return json.loads(done.stdout)


def first_progress(folder):
    """Returns the seconds until a terminal shows the first progress."""
    code = f"{IMPORTS}\nimport sys\nprint('ready')\nfrom_folder(sys.argv[1])"
    own, other = pty.openpty()
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code, folder],
        stdout=subprocess.PIPE,
        stderr=other,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "TERM": "xterm"},
    ) as process:
        process.stdout.readline()  # pyright: ignore
        start, shown = time.perf_counter(), b""
        while b"Finding" not in shown and b"Reading" not in shown:
            shown += os.read(own, 65536)
        seconds = time.perf_counter() - start
        process.kill()
    return seconds


if __name__ == "__main__":
    sys.exit(main(int(*sys.argv[1:2] or [PICTURES])))
