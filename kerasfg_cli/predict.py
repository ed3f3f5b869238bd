"""`kerasfg predict`."""

from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
from kerasfg_cli.options import Json
from kerasfg_cli.options import load_backend
from kerasfg_cli.options import print_json
from kerasfg_cli.options import register_bare_package
from kerasfg_cli.text import visible


@app.command(epilog="Example: `kerasfg predict run/export photo.jpg photos/`")
def predict(
    model: Annotated[
        Path,
        typer.Argument(
            help="Run folder, export folder, .keras, .tflite or .onnx file."
        ),
    ],
    pictures: Annotated[
        list[Path], typer.Argument(help="Pictures, or folders of them.")
    ],
    top: Annotated[
        int, typer.Option(min=1, help="Number of classes to name.")
    ] = 3,
    as_json: Json = False,
):
    """Classify pictures."""
    register_bare_package()
    from kerasfg.run.given_paths import find_model
    from kerasfg.run.given_paths import find_pictures

    find_model(model)
    files = find_pictures(pictures)
    load_backend()
    from kerasfg.run.predictor import load_predictor

    predictor = load_predictor(model)
    failed = 0
    for file in files:
        try:
            answer = predictor.predict(file, top)
        except (ValueError, OSError) as error:
            answer = {"file": str(file), "error": " ".join(str(error).split())}
            failed += 1
        if as_json:
            print_json(answer, indent=None)
        else:
            _print_answer(answer)
    if failed:
        raise ValueError(
            "Each file must be a picture that Pillow decodes. "
            f"Received: {failed} of {len(files)} that are not, named above"
        )


def _print_answer(answer):
    from kerasfg.run.predictor import describe

    console.print(visible(describe(answer)), markup=False, soft_wrap=True)
