"""`kerasfg export`."""

import os
from pathlib import Path
from typing import Annotated
from typing import Literal

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
from kerasfg_cli.options import Json
from kerasfg_cli.options import load
from kerasfg_cli.options import print_json

# Panels of `kerasfg export --help`
FILES, MODEL = "Files", "Model"


@app.command(
    epilog="Example: `kerasfg export run --tflite --all --out run/export`"
)
def export(
    model: Annotated[
        Path,
        typer.Argument(
            help="Run folder of a training, or any classifier as a .keras file."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    tflite: Annotated[
        bool,
        typer.Option(
            "--tflite", rich_help_panel=FILES, help="Write .tflite files."
        ),
    ] = False,
    onnx: Annotated[
        bool,
        typer.Option(
            "--onnx",
            rich_help_panel=FILES,
            help="Write .onnx files. Without either: both.",
        ),
    ] = False,
    quantize: Annotated[
        list[str] | None,
        typer.Option(
            rich_help_panel=FILES,
            metavar="<variant>",
            help="A smaller file too: float16, dynamic, int8 or mixed; may be "
            "repeated.",
        ),
    ] = None,
    all_variants: Annotated[
        bool,
        typer.Option(
            "--all", rich_help_panel=FILES, help="All the smaller files."
        ),
    ] = False,
    camera: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=FILES,
            metavar="<pixels>",
            help="A .tflite too that takes frames of this size, such as 224, "
            "and shrinks them inside.",
        ),
    ] = None,
    max_drop: Annotated[
        float,
        typer.Option(
            rich_help_panel=FILES,
            help="Accuracy that a smaller file may lose.",
        ),
    ] = 0.01,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            rich_help_panel=FILES,
            help="Fail if a smaller file loses more.",
        ),
    ] = False,
    measure: Annotated[
        bool,
        typer.Option(
            "--measure/--no-measure",
            rich_help_panel=FILES,
            help="Measure load time, memory and latency.",
        ),
    ] = True,
    data: Annotated[
        Path | None,
        typer.Option(
            rich_help_panel=MODEL,
            help="Folder of pictures, one folder per class: for a .keras file, "
            "or where those of a run are now.",
        ),
    ] = None,
    crop: Annotated[
        Literal["center", "whole"],
        typer.Option(
            rich_help_panel=MODEL,
            help="Of a .keras file: centre square, or all of a picture.",
        ),
    ] = "center",
    crop_fraction: Annotated[
        float,
        typer.Option(
            rich_help_panel=MODEL,
            help="Likewise: share of that square's sides, in its middle, as "
            "after a training with crops.",
        ),
    ] = 1.0,
    input_range: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=MODEL,
            metavar="<low,high>",
            help="Numbers that the model takes, where it does not show them: "
            "0,255 or 0,1 or -1,1.",
        ),
    ] = None,
    output: Annotated[
        Literal["probabilities", "logits"] | None,
        typer.Option(
            rich_help_panel=MODEL,
            metavar="<what>",
            help="What it gives, where it does not show it: probabilities or "
            "logits.",
        ),
    ] = None,
    output_name: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=MODEL,
            metavar="<name>",
            help="The output to export, where there are several.",
        ),
    ] = None,
    author: Annotated[
        str | None,
        typer.Option(rich_help_panel=MODEL, help="Who made the model."),
    ] = None,
    model_license: Annotated[
        str | None,
        typer.Option("--license", rich_help_panel=MODEL, help="Its licence."),
    ] = None,
    as_json: Json = False,
):
    """Write files for the phone, run, compare with Keras and measure them."""
    os.environ["KERAS_BACKEND"] = "tensorflow"  # whatever trained the model
    load("tensorflow", "keras_hub")
    from kerasfg.run.exportable import exportable

    chosen = [("tflite", tflite), ("onnx", onnx)]
    formats = [name for name, wanted in chosen if wanted]
    loaded = exportable(model, data, crop, crop_fraction, verbose=not as_json)
    said = {"author": author, "license": model_license}
    loaded.metadata.update({k: v for k, v in said.items() if v is not None})
    report = loaded.export(
        out,
        formats or ["tflite", "onnx"],
        "all" if all_variants else quantize or (),
        camera=camera,
        max_drop=max_drop,
        measure=measure,
        input_range=input_range,
        output=output,
        output_name=output_name,
    )
    if as_json:
        print_json(report.to_dict())
    else:
        report.print(console)
        console.print(f"The files are in [bold]{out}[/bold].")
    if strict and report.refused:
        raise ValueError(
            "With --strict each file must be within its limits. "
            f"Received: {', '.join(report.refused)}, refused as said above"
        )
