"""`kerasfg reproduce`."""

from pathlib import Path
from typing import Annotated
from typing import Literal

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
from kerasfg_cli.app import error_console
from kerasfg_cli.options import Json
from kerasfg_cli.options import load
from kerasfg_cli.options import package_without_keras
from kerasfg_cli.options import print_json


@app.command(
    epilog="Example: `kerasfg reproduce paper1_table3 --data pictures`"
)
def reproduce(
    name: Annotated[
        str,
        typer.Argument(
            help="A table or figure that comes with the package, or a grid as "
            "a TOML file. `list` names all."
        ),
    ],
    data: Annotated[
        str | None,
        typer.Option(
            help="Where the pictures are, if any are to be trained and the "
            "grid does not say it itself."
        ),
    ] = None,
    scale: Annotated[
        Literal["small", "full"],
        typer.Option(
            help="small: stand-ins for two cores; full: the paper's own data."
        ),
    ] = "small",
    out: Annotated[
        Path | None,
        typer.Option(
            show_default="results, or results-full",
            help="Folder for the table and the run folders.",
        ),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(min=1, help="How many, in place of the grid's own."),
    ] = None,
    methods: Annotated[
        str | None,
        typer.Option(help="Those to train, with commas between; else all."),
    ] = None,
    rows: Annotated[
        str | None,
        typer.Option(help="Likewise: rows of the table, where it has rows."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Trainings at once.")] = 1,
    as_json: Json = False,
):
    """Train methods and seeds for a table; what is done is not done again."""
    if name == "list":
        _list_grids()
        return
    chosen = [names.split(",") if names else None for names in (methods, rows)]
    grid = _find_grid(name, scale, seeds, data, *chosen)
    out = out or Path("results-full" if scale == "full" else "results")
    load("tensorflow")
    from kerasfg.reproduce.run_grid import run_grid
    from kerasfg.reproduce.tables.table import print_table

    story = error_console if as_json else console
    try:
        results = run_grid(grid, data, out, *chosen, jobs, story)
    except KeyboardInterrupt:
        error_console.print("\nThe same command goes on where it stopped.")
        raise
    if as_json:
        print_json(results.summaries())
    else:
        print_table(results.summaries(), grid, console)
        console.print(f"The table is in [bold]{out}/{grid.name}.md[/bold].")
    if results.failed:
        raise ValueError(
            "Each training must end well, and is tried again the next time. "
            f"Received: {len(results.failed)} that failed, named above"
        )


def _find_grid(name, scale, seeds, data, methods, rows):
    """The grid, once what can be known before TensorFlow has been asked for."""
    package_without_keras()
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
    package_without_keras()
    from kerasfg.reproduce.grid import SCALES
    from kerasfg.reproduce.grid import Grid
    from kerasfg.reproduce.grid import grid_names

    for scale in SCALES:
        console.print(f"[bold]--scale {scale}[/bold]")
        for name in grid_names(scale):
            title = Grid.find(name, scale).title
            console.print(f"  {name}: {title}", markup=False, soft_wrap=True)
