"""`kerasfg demo`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
from kerasfg_cli.app import error_console
from kerasfg_cli.options import Json
from kerasfg_cli.options import load
from kerasfg_cli.options import print_json
from kerasfg_cli.options import register_bare_package


@app.command(epilog="Example: `kerasfg demo`")
def demo(
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path(
        "kerasfg-demo"
    ),
    seed: Annotated[int, typer.Option(min=0, help="Seed of the training.")] = 0,
    as_json: Json = False,
):
    """Train, evaluate and export on the field guide, in a few minutes."""
    register_bare_package()
    from kerasfg.run.run_folder import RunFolder

    RunFolder(out / "run").check_free()
    os.environ["KERAS_BACKEND"] = "tensorflow"  # it exports
    load("tensorflow", "keras_hub")
    from kerasfg.demo import run_demo

    output = error_console if as_json else console
    result = run_demo(out, seed, output)
    if as_json:
        print_json(result)
    if not result["passed"]:
        raise ValueError(
            "The demo's accuracy must be at least 10 points above that of the "
            f"colour histograms. Received: accuracy={result['accuracy']:.3f}, "
            f"histograms={result['histogram_accuracy']:.3f}"
        )
