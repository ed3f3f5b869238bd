"""`kerasfg inspect`."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
from kerasfg_cli.app import print_place
from kerasfg_cli.engine_options import Engine
from kerasfg_cli.engine_options import RayAddress
from kerasfg_cli.engine_options import check_engine
from kerasfg_cli.options import Json
from kerasfg_cli.options import load_backend
from kerasfg_cli.options import print_json
from kerasfg_cli.options import register_bare_package
from kerasfg_cli.text import visible


@app.command(epilog="Example: `kerasfg inspect photos --out inspection`")
def inspect(
    data: Annotated[
        list[str],
        typer.Argument(
            metavar="DATA",
            help="Places of pictures, as `--data` of `kerasfg train` takes "
            "them.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder to write `inspection.html` and `suspects.csv` to.  "
            "[default: inspections/DATA]"
        ),
    ] = None,
    image_size: Annotated[
        int,
        typer.Option(
            min=8,
            max=1024,
            help="Side in pixels that a network will get; smaller pictures are "
            "counted.",
        ),
    ] = 64,
    class_level: Annotated[
        int, typer.Option(min=0, max=20, help="As for `kerasfg train`.")
    ] = 0,
    box_margin: Annotated[
        float | None,
        typer.Option(min=0, max=5, help="As for `kerasfg train`."),
    ] = None,
    group_by: Annotated[
        str, typer.Option(metavar="<how>", help="As for `kerasfg train`.")
    ] = "",
    leave_out: Annotated[
        Path | None,
        typer.Option(
            help="A `suspects.csv` with decisions: inspect the pictures that "
            "it keeps."
        ),
    ] = None,
    labels: Annotated[
        bool,
        typer.Option(
            "--labels/--no-labels",
            help="Look for wrong labels and outliers, which loads a network.",
        ),
    ] = True,
    engine: Engine = None,
    ray_address: RayAddress = None,
    as_json: Json = False,
):
    """Check pictures before a training, on one page.

    It counts classes and sizes, finds broken, odd and copied files and labels
    that look wrong, and writes a page on which you keep, leave out or relabel
    each by a click. `kerasfg train --leave-out suspects.csv` reads the file
    that the page saves: what you did not touch is kept.
    """
    register_bare_package()
    from kerasfg.config.places import check_pictures
    from kerasfg.config.recipe import Recipe

    recipe = Recipe().with_options(
        data=data,
        image_size=image_size,
        class_level=class_level,
        box_margin=box_margin,
        group_by=group_by,
        leave_out=str(leave_out or ""),
    )
    check_pictures(recipe.data)
    machines = check_engine(engine, ray_address)
    folder = out or Path("inspections") / _name(data[0])

    def after_files(facts):
        if not as_json:
            _print_files(facts)
        if labels:
            load_backend("keras_hub")

    from kerasfg.data.progress import spread_by
    from kerasfg.inspection.inspect_data import inspect_data

    with spread_by(machines):
        found = inspect_data(recipe, folder, labels, not as_json, after_files)
    if as_json:
        print_json(found.to_json())
        return
    _print_labels(found.facts["labels"])
    print_place("The page is", found.facts["page"])
    print_place("The list is", found.facts["suspects_file"])
    file = shlex.quote(found.facts["suspects_file"])
    console.print(
        "Decide on the page, save its file in place of the list, then: "
        + visible(f"{found.facts['train_command']} --leave-out {file}"),
        markup=False,
        soft_wrap=True,
    )


def _name(data):
    return Path(data.rpartition(":")[2]).resolve().name or "data"


def _print_files(facts):
    from kerasfg.inspection.terminal import file_lines

    for line in file_lines(facts):
        console.print(line, soft_wrap=True)


def _print_labels(facts):
    from kerasfg.inspection.terminal import label_lines

    for line in label_lines(facts):
        console.print(line, soft_wrap=True)
