"""`kerasfg distance`."""

from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
from kerasfg_cli.app import print_place
from kerasfg_cli.options import Json
from kerasfg_cli.options import MovedData
from kerasfg_cli.options import Run
from kerasfg_cli.options import load_backend
from kerasfg_cli.options import print_json
from kerasfg_cli.options import register_bare_package


@app.command(
    epilog="Example: `kerasfg distance run --object-size 0.12 --fov 66 "
    "--sensor-pixels 4000`"
)
def distance(
    run: Run,
    object_size: Annotated[
        float,
        typer.Option(
            metavar="<metres>",
            help="Width of the subject that fills the training pictures from "
            "side to side.",
        ),
    ],
    fov: Annotated[
        float | None,
        typer.Option(
            metavar="<degrees>",
            help="Field of view of the camera, along the longer side.",
        ),
    ] = None,
    sensor_pixels: Annotated[
        float | None,
        typer.Option(
            metavar="<pixels>",
            help="Pixels of its photos along the longer side.",
        ),
    ] = None,
    photo: Annotated[
        Path | None,
        typer.Option(
            metavar="<file>",
            help="A photo taken with the camera: both are read from its EXIF "
            "data.",
        ),
    ] = None,
    right: Annotated[
        float,
        typer.Option(
            metavar="<share>",
            help="Wanted share of right answers.",
        ),
    ] = 0.8,
    zoom: Annotated[
        float,
        typer.Option(
            metavar="<factor>",
            help="Optical zoom or tele lens to compare with; 1 for none.",
        ),
    ] = 3.0,
    distances: Annotated[
        str | None,
        typer.Option(
            metavar="<metres>",
            help="Distances to show, such as 2,5,10. Default: round ones.",
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            help="Test the model on the original test pictures shrunk to each "
            "distance, next to the curve.",
        ),
    ] = True,
    data: MovedData = None,
    as_json: Json = False,
):
    """Show how far away a subject may be for its name to be right."""
    register_bare_package()
    from kerasfg.run.run_folder import RunFolder

    chosen = _numbers(distances)
    RunFolder(run).check_trained()
    if photo is not None:
        fov, sensor_pixels = _from_photo(photo, fov, sensor_pixels, as_json)
    if fov is None or sensor_pixels is None:
        raise ValueError(
            "The camera must be known: give `fov` and `sensor_pixels`, or "
            "`photo`, a photo taken with it. "
            f"Received: fov={fov}, sensor_pixels={sensor_pixels}"
        )
    numbers = (object_size, fov, sensor_pixels, right, zoom, chosen)
    _check(numbers)
    load_backend("keras_hub")
    from kerasfg.evaluation.distance.terminal import print_card
    from kerasfg.run.distance.run_card import run_card

    card = run_card(run, *numbers, check, data, not as_json)
    if as_json:
        print_json(card)
        return
    print_card(card, console)
    print_place("The picture and the numbers are in", run)


def _check(numbers):
    """Checks the numbers before the slow import of TensorFlow."""
    from kerasfg.evaluation.distance.card import distance_card

    curve = [{"resolution": 8, "top_1": 1.0, "top_1_interval": [1.0, 1.0]}]
    distance_card(curve, 8, *numbers)


def _from_photo(photo, fov, sensor_pixels, as_json):
    for name, value in {"fov": fov, "sensor_pixels": sensor_pixels}.items():
        if value is not None:
            raise ValueError(
                f"The photo gives this: leave `{name}` or `photo` out. "
                f"Received: {name}={value}, photo={str(photo)!r}"
            )
    from kerasfg.data.pixels.lens import read_lens
    from kerasfg.evaluation.distance.optics import field_of_view

    lens = read_lens(photo)
    fov = field_of_view(lens.focal_length, lens.width, lens.height)
    longer = max(lens.width, lens.height)
    if not as_json:
        console.print(
            f"Read from the photo: {lens.focal_length:g} mm (35 mm "
            f"equivalent), {longer:d} pixels along the longer side: a field of "
            f"view of {fov:.1f} degrees.",
            markup=False,
            soft_wrap=True,
        )
    return fov, longer


def _numbers(text):
    try:
        return [float(number) for number in text.split(",")] if text else []
    except ValueError:
        raise typer.BadParameter(
            f"numbers of metres separated by commas, not {text!r}",
            param_hint="--distances",
        ) from None
