"""What many pictures cost: each part alone, one machine, and two nodes of Ray.

    python tests/benchmarks/many_machines.py run/export/model.tflite pictures/

Times of the parts are of the processor, which other programs disturb less. The
two nodes are on this machine, with one processor each. It prints what
docs/several_machines.md reckons with.
"""

import contextlib
import io
import itertools
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from ray.cluster_utils import Cluster

from kerasfg.data.files.find import walk_pictures
from kerasfg.engines.ray_data import RayData
from kerasfg.run.many_pictures.classify import classify_pictures
from kerasfg.run.many_pictures.journal import Journal
from kerasfg.run.many_pictures.rows import row_of
from kerasfg.run.predictor import load_predictor

FEW = 256
COUNT = int(os.environ.get("PICTURES", "5000"))
SIZES = ((640, 480), (1280, 960), (2592, 1944), (4000, 3000))


@contextlib.contextmanager
def processor_time(name, count):
    """Prints the milliseconds of this process's processor for each picture."""
    before = time.process_time()
    yield
    spent = 1000 * (time.process_time() - before) / count
    print(f"{name}: {spent:.3f} ms of a processor for each", flush=True)


def parts(predictor, files, folder):
    size = np.mean([os.path.getsize(file) for file in files])
    print(f"bytes of a file: {size:.0f}")
    with processor_time("reading, decoding and shrinking", len(files)):
        images = [predictor.image(file) for file in files]
    with processor_time("the network", len(files)):
        found, _ = predictor.classify_images(np.stack(images))
    with processor_time("an answer", len(files)):
        rows = [
            row_of(file, predictor.answer(row), "")
            for file, row in zip(files, found, strict=True)
        ]
    many = rows * 40
    with (
        Journal(folder / "journal.csv", {}) as journal,
        processor_time("a line of the journal", len(many)),
    ):
        for start in range(0, len(many), 64):
            journal.add(many[start : start + 64])
    line = os.path.getsize(folder / "journal.csv.journal") / len(many)
    print(f"bytes of a line: {line:.0f}")


def sizes(predictor, file):
    with Image.open(file) as picture:
        picture = picture.convert("RGB")
    for size in SIZES:
        content = io.BytesIO()
        picture.resize(size).save(content, "jpeg", quality=85)
        count = max(3, 20_000_000 // (size[0] * size[1]))
        name = f"{size[0]} x {size[1]} ({len(content.getvalue())} bytes)"
        with processor_time(name, count):
            for _ in range(count):
                content.seek(0)
                predictor.image(content)


def classify(predictor, model, files, out, engine=None):
    """Prints pictures per second, and what this process alone took."""
    start = time.perf_counter()
    first = []

    def noting(*arguments, **options):
        for rows in engine(*arguments, **options):
            first.append(time.perf_counter())
            yield rows

    with processor_time("  this process", len(files)):
        classify_pictures(
            predictor,
            model,
            files,
            out,
            progress=False,
            engine=engine and noting,
        )
    end = time.perf_counter()
    print(f"  {len(files) / (end - start):.0f} pictures/s, {end - start:.1f} s")
    if first:
        later = len(files) - 64
        print(
            f"  first rows after {first[0] - start:.1f} s, then "
            f"{later / (end - first[0]):.0f} pictures/s"
        )


def main(model, pictures):
    predictor = load_predictor(model)
    found = itertools.islice(walk_pictures(pictures), COUNT)
    files = [file.path for file in found]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        parts(predictor, files[:FEW], folder)
        sizes(predictor, files[0])
        print("one machine, all its processors:")
        classify(predictor, model, files, folder / "here.csv")
        cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 1, "include_dashboard": False},
        )
        cluster.add_node(num_cpus=1)
        print("two nodes with one processor each:")
        there = folder / "there.csv"
        classify(predictor, model, files, there, RayData(cluster.address))
        cluster.shutdown()
        same = there.read_bytes() == (folder / "here.csv").read_bytes()
        print(f"the same rows: {same}")
    sys.exit(not same)


if __name__ == "__main__":
    main(*sys.argv[1:])
