"""`kerasfg reproduce`."""

from pathlib import Path
from typing import Annotated
from typing import Literal

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
from kerasfg_cli.app import error_console
from kerasfg_cli.app import print_place
from kerasfg_cli.options import Json
from kerasfg_cli.options import load_backend
from kerasfg_cli.options import print_json
from kerasfg_cli.options import register_bare_package
from kerasfg_cli.text import visible

Name = Annotated[
    str,
    typer.Argument(
        help="A table or figure in the package, or a grid as a TOML file. "
        "`list` lists those in the package, and what differs from the papers."
    ),
]
Data = Annotated[
    str | None,
    typer.Option(
        help="Folder of the pictures; needed unless the grid names its "
        "pictures."
    ),
]
Scale = Annotated[
    Literal["small", "full"],
    typer.Option(
        help="small: stand-ins for two cores; full: the paper's own data."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        show_default="results, or results-full",
        help="Folder for the table and the run folders.",
    ),
]
Seeds = Annotated[
    int | None,
    typer.Option(min=1, help="Number of seeds, in place of the grid's own."),
]
Methods = Annotated[
    str | None,
    typer.Option(help="Methods to train, separated by commas. Default: all."),
]
Rows = Annotated[
    str | None,
    typer.Option(
        help="Rows of the table to train, separated by commas. Default: all."
    ),
]
Jobs = Annotated[
    int, typer.Option(min=1, help="Number of trainings that run at once.")
]
LatencyOnly = Annotated[
    bool,
    typer.Option(
        "--latency-only",
        help="Train nothing: time the exported files of all networks of the "
        "grid.",
    ),
]


@app.command(
    epilog="Example: `kerasfg reproduce paper1_table3 --data pictures`"
)
def reproduce(
    name: Name,
    data: Data = None,
    scale: Scale = "small",
    out: Out = None,
    seeds: Seeds = None,
    methods: Methods = None,
    rows: Rows = None,
    jobs: Jobs = 1,
    latency_only: LatencyOnly = False,
    as_json: Json = False,
):
    """Train methods and seeds for a table; skips finished trainings."""
    if name == "list":
        _list_grids()
        return
    chosen = [names.split(",") if names else None for names in (methods, rows)]
    grid = _find_grid(name, scale, seeds, data, *chosen)
    out = out or Path("results-full" if scale == "full" else "results")
    load_backend()
    from kerasfg.reproduce.run_grid import run_grid
    from kerasfg.reproduce.run_grid import time_grid
    from kerasfg.reproduce.tables.table import print_table

    output = error_console if as_json else console
    try:
        if latency_only:
            results = time_grid(grid, out, output)
        else:
            results = run_grid(grid, data, out, *chosen, jobs, output)
    except KeyboardInterrupt:
        error_console.print("\nThe same command continues where it stopped.")
        raise
    if as_json:
        print_json(results.summaries())
    else:
        print_table(results.summaries(), grid, console)
        print_place(
            "The table is in" if grid.methods else "The figure is next to",
            f"{out}/{grid.name}.md",
        )
    if results.failed:
        raise ValueError(
            "Each training must succeed; failed ones are repeated next time. "
            f"Received: {len(results.failed)} failed trainings, named above"
        )


def _find_grid(name, scale, seeds, data, methods, rows):
    """Checks the arguments before the slow import of TensorFlow."""
    register_bare_package()
    from kerasfg.reproduce.cell import locate
    from kerasfg.reproduce.grid import Grid
    from kerasfg.reproduce.plan import wanted_rows
    from kerasfg.reproduce.plan import wanted_seeds

    grid = Grid.find(name, scale)
    if seeds:
        grid = grid.with_seeds(seeds)
    wanted_seeds(grid, methods)
    wanted_rows(grid, rows)
    locate(grid, data, needed=False)
    return grid


def _list_grids():
    register_bare_package()
    from kerasfg.reproduce.grid import SCALES
    from kerasfg.reproduce.grid import Grid
    from kerasfg.reproduce.grid import grid_names

    for scale in SCALES:
        console.print(f"[bold]--scale {scale}[/bold]")
        for name in grid_names(scale):
            grid = Grid.find(name, scale)
            differs = [*filter(None, [grid.stand_in]), *grid.differs]
            lines = [f"  {name}: {grid.title}"]
            lines += [f"      same: {sentence}" for sentence in grid.same]
            lines += [f"      differs: {sentence}" for sentence in differs]
            for line in lines:
                console.print(visible(line), markup=False, soft_wrap=True)
