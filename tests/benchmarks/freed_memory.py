"""Compares epochs with and without `kerasfg.keep_freed_memory`.

    python tests/benchmarks/freed_memory.py

Trains EfficientNet-Lite0 on the drawn field guide at 32 pixels and output
stride 8, by the command line, in turn with the memory that is freed kept and
given back. Prints for each pair the seconds of the second epoch, page faults
and peak memory of the whole training, and the ratio of the seconds, and at the
end the median of the ratios.
"""

import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PAIRS = 3
COMMAND = (
    "-m kerasfg_cli train --data field_guide --image-size 32 "
    "--output-stride 8 --images-per-class 60 --epochs 2 --out"
).split()
# The default of glibc, said aloud: kerasfg then changes nothing.
GIVEN_BACK = {"MALLOC_ARENA_TEST": "8"}


def main():
    print("        kept                          given back           kept /")
    print(
        "   seconds    faults     MB     seconds    faults     MB  given back"
    )
    ratios = []
    for _ in range(PAIRS):
        kept, given_back = measure({}), measure(GIVEN_BACK)
        ratios.append(kept[0] / given_back[0])
        numbers = "   ".join(
            f"{seconds:7.1f} {faults:9d} {memory:6d}"
            for seconds, faults, memory in (kept, given_back)
        )
        print(f"{numbers}   {ratios[-1]:8.2f}", flush=True)
    print(f"median of kept / given back: {np.median(ratios):.2f}")


def measure(variables):
    """Seconds of the second epoch, page faults, and MB at the peak."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        process = subprocess.Popen(
            [sys.executable, "-P", *COMMAND, str(run)],
            env=os.environ | variables,
            stdout=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(process.pid, 0)
        if status:
            sys.exit("The training failed: see above.")
        with open(run / "history.csv", newline="") as file:
            *_, last = csv.DictReader(file)
    return float(last["seconds"]), used.ru_minflt, used.ru_maxrss // 1024


if __name__ == "__main__":
    main()
