"""Runs a grid as `kerasfg reproduce` does, without an estimate of its time.

    python records.py GRID.toml DATA OUT JOBS [METHODS]

The estimate would time some steps in this process, which is to leave the GPU
to the trainings.
"""

import sys

from kerasfg.reproduce import run_grid as running
from kerasfg.reproduce.grid import Grid


def main(grid, data, out, jobs, methods=""):
    running.estimate = lambda *_: {}
    results = running.run_grid(
        Grid.find(grid, "small"),
        data,
        out,
        methods=methods.split(",") if methods else None,
        jobs=int(jobs),
    )
    for name, reason in results.failed.items():
        print(f"{name}: {reason}")
    print(f"{len(results.measured_cells())} trainings are done")
    return int(bool(results.failed))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
