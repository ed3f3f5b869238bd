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
from kerasfg_cli.options import package_without_keras
from kerasfg_cli.options import print_json

# Panels of `kerasfg export --help`
FILES, MODEL = "Files", "Model"


def _option(panel, help, *flags, **more):  # noqa: A002 (as typer has it)
    return typer.Option(*flags, rich_help_panel=panel, help=help, **more)


Model = Annotated[
    Path,
    typer.Argument(
        help="Run folder of a training, or any classifier as a .keras file."
    ),
]
Out = Annotated[Path, typer.Option(help="Folder to write.")]
Tflite = Annotated[bool, _option(FILES, "Write .tflite files.", "--tflite")]
Onnx = Annotated[
    bool,
    _option(FILES, "Write .onnx files. Without either: both.", "--onnx"),
]
Variants = Annotated[
    list[str] | None,
    _option(
        FILES,
        "A smaller file too: float16, dynamic, int8 or mixed; may be repeated.",
        "--quantize",
        metavar="<variant>",
    ),
]
AllVariants = Annotated[bool, _option(FILES, "All the smaller files.", "--all")]
Camera = Annotated[
    int | None,
    _option(
        FILES,
        "A .tflite too that takes frames of this size, such as 224, and "
        "shrinks them inside.",
        metavar="<pixels>",
    ),
]
MaxDrop = Annotated[
    float, _option(FILES, "Accuracy that a smaller file may lose.")
]
Strict = Annotated[
    bool, _option(FILES, "Fail if a smaller file loses more.", "--strict")
]
Measure = Annotated[
    bool,
    _option(
        FILES,
        "Measure load time, memory and latency.",
        "--measure/--no-measure",
    ),
]
Data = Annotated[
    Path | None,
    _option(
        MODEL,
        "Folder of pictures, one folder per class: for a .keras file, or where "
        "those of a run are now.",
    ),
]
Crop = Annotated[
    Literal["center", "whole"],
    _option(MODEL, "Of a .keras file: centre square, or all of a picture."),
]
CropFraction = Annotated[
    float,
    _option(
        MODEL,
        "Likewise: share of that square's sides, in its middle, as after a "
        "training with crops.",
    ),
]
InputRange = Annotated[
    str | None,
    _option(
        MODEL,
        "Numbers that the model takes, where it does not show them: 0,255 or "
        "0,1 or -1,1.",
        metavar="<low,high>",
    ),
]
Output = Annotated[
    Literal["probabilities", "logits"] | None,
    _option(
        MODEL,
        "What it gives, where it does not show it: probabilities or logits.",
        metavar="<what>",
    ),
]
OutputName = Annotated[
    str | None,
    _option(
        MODEL,
        "The output to export, where there are several.",
        metavar="<name>",
    ),
]
Author = Annotated[str | None, _option(MODEL, "Who made the model.")]
License = Annotated[str | None, _option(MODEL, "Its licence.", "--license")]


@app.command(
    epilog="Example: `kerasfg export run --tflite --all --out run/export`"
)
def export(
    model: Model,
    out: Out,
    tflite: Tflite = False,
    onnx: Onnx = False,
    variants: Variants = None,
    all_variants: AllVariants = False,
    camera: Camera = None,
    max_drop: MaxDrop = 0.01,
    strict: Strict = False,
    measure: Measure = True,
    data: Data = None,
    crop: Crop = "center",
    crop_fraction: CropFraction = 1.0,
    input_range: InputRange = None,
    output: Output = None,
    output_name: OutputName = None,
    author: Author = None,
    model_license: License = None,
    as_json: Json = False,
):
    """Write files for the phone, run, compare with Keras and measure them."""
    chosen = [("tflite", tflite), ("onnx", onnx)]
    formats = [name for name, wanted in chosen if wanted] or ["tflite", "onnx"]
    variants = "all" if all_variants else variants or ()
    _check(model, data, formats, variants, camera)
    os.environ["KERAS_BACKEND"] = "tensorflow"  # whatever trained the model
    load("tensorflow", "keras_hub")
    from kerasfg.run.exportable import exportable

    loaded = exportable(model, data, crop, crop_fraction, verbose=not as_json)
    given = {"author": author, "license": model_license}
    loaded.metadata.update({k: v for k, v in given.items() if v is not None})
    report = loaded.export(
        out,
        formats,
        variants,
        camera=camera,
        max_drop=max_drop,
        measure=measure,
        input_range=input_range,
        output=output,
        output_name=output_name,
    )
    _print_report(report, out, as_json)
    if strict and report.refused:
        raise ValueError(
            "With --strict each file must be within its limits. "
            f"Received: {', '.join(report.refused)}, refused as printed above"
        )


def _check(model, data, formats, variants, camera):
    """Asks for what can be known before TensorFlow is loaded."""
    package_without_keras()
    from kerasfg.config.names import arguments_named
    from kerasfg.export.wanted_files import wanted_files
    from kerasfg.run.given_paths import check_exportable

    with arguments_named(directory="data"):
        check_exportable(model, data)
    wanted_files(formats, variants, camera)


def _print_report(report, out, as_json):
    if as_json:
        print_json(report.to_dict())
    else:
        report.print(console)
        console.print(f"The files are in [bold]{out}[/bold].")
