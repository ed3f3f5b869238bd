"""`kerasfg export`."""

import importlib.util
import os
from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
from kerasfg_cli.app import print_next
from kerasfg_cli.app import print_place
from kerasfg_cli.foreign_options import ClassLevel
from kerasfg_cli.foreign_options import ClassOrder
from kerasfg_cli.foreign_options import Crop
from kerasfg_cli.foreign_options import CropFraction
from kerasfg_cli.foreign_options import ImageSize
from kerasfg_cli.foreign_options import InputRange
from kerasfg_cli.foreign_options import Labels
from kerasfg_cli.foreign_options import Output
from kerasfg_cli.foreign_options import OutputName
from kerasfg_cli.foreign_options import Untrained
from kerasfg_cli.foreign_options import description
from kerasfg_cli.options import Json
from kerasfg_cli.options import load
from kerasfg_cli.options import print_json

# Panels of `kerasfg export --help`
FILES, MODEL = "Files", "Model"


def _option(panel, help, *flags, **more):  # noqa: A002 (typer's name)
    return typer.Option(*flags, rich_help_panel=panel, help=help, **more)


Model = Annotated[
    Path,
    typer.Argument(
        help="Run folder of a training, hf://USER/NAME of one on the Hub, or "
        "any classifier as a .keras file."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        help="Folder to write. Default: `export` in the run folder; required "
        "for a .keras file."
    ),
]
Tflite = Annotated[bool, _option(FILES, "Write .tflite files.", "--tflite")]
Onnx = Annotated[
    bool,
    _option(FILES, "Write .onnx files. Default: both kinds.", "--onnx"),
]
Variants = Annotated[
    list[str] | None,
    _option(
        FILES,
        "Also write a smaller file: float16, dynamic, int8 or mixed; may be "
        "repeated.",
        "--quantize",
        metavar="<variant>",
    ),
]
AllVariants = Annotated[
    bool, _option(FILES, "Write all the smaller files.", "--all")
]
Micro = Annotated[
    bool,
    _option(
        FILES,
        "Also write a .tflite file for microcontrollers, int8 in and out, and "
        "the same as a C array.",
        "--micro",
    ),
]
FrameSize = Annotated[
    int | None,
    _option(
        FILES,
        "Side of the pictures that the files take and shrink themselves, from "
        "the network's input size to 1,024. Default: the largest whole "
        "multiple of that, up to 256, that half of the training pictures are "
        "as large as.",
        metavar="<pixels>",
        min=8,
        max=1024,
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
    list[str] | None,
    _option(
        MODEL,
        "Pictures by class, as `--data` of `kerasfg train` takes them: for a "
        ".keras file, or if those of a run have moved; may be repeated.",
        metavar="<place>",
    ),
]
Author = Annotated[str | None, _option(MODEL, "Author of the model.")]
License = Annotated[
    str | None, _option(MODEL, "Licence of the model.", "--license")
]


@app.command(
    epilog="Example: `kerasfg export run --tflite --all --out run/export`"
)
def export(
    model: Model,
    out: Out = None,
    tflite: Tflite = False,
    onnx: Onnx = False,
    variants: Variants = None,
    all_variants: AllVariants = False,
    micro: Micro = False,
    frame_size: FrameSize = None,
    max_drop: MaxDrop = 0.01,
    strict: Strict = False,
    measure: Measure = True,
    data: Data = None,
    input_range: InputRange = None,
    output: Output = None,
    output_name: OutputName = None,
    image_size: ImageSize = None,
    labels: Labels = None,
    class_order: ClassOrder = None,
    crop: Crop = None,
    crop_fraction: CropFraction = None,
    class_level: ClassLevel = None,
    untrained: Untrained = False,
    author: Author = None,
    model_license: License = None,
    as_json: Json = False,
):
    """Write files for the phone, compare them with Keras and measure them."""
    chosen = [("tflite", tflite), ("onnx", onnx)]
    formats = [name for name, wanted in chosen if wanted] or ["tflite", "onnx"]
    variants = "all" if all_variants else variants or ()
    answers = description(locals())
    _check_out(model, out)
    _check(model, data, answers)
    out = _folder(model, out)
    _check_frame_size(model, frame_size)
    _check_tensorflow(model)
    _check_files(formats, variants, micro, max_drop)
    os.environ["KERAS_BACKEND"] = "tensorflow"  # whatever trained the model
    load("tensorflow", "keras_hub")
    from kerasfg.run.exportable import exportable

    loaded = exportable(model, data, answers, verbose=not as_json)
    given = {"author": author, "license": model_license}
    loaded.metadata.update({k: v for k, v in given.items() if v is not None})
    report = loaded.export(
        out,
        formats,
        variants,
        frame_size=frame_size,
        micro=micro,
        max_drop=max_drop,
        measure=measure,
    )
    _print_report(report, out, as_json)
    if strict and report.refused:
        raise ValueError(
            "With --strict each file must be within its limits. "
            f"Received: {', '.join(report.refused)}, refused as printed above"
        )


def _check_tensorflow(model):
    if importlib.util.find_spec("tensorflow") is None:
        raise ValueError(
            "Files for the phone are written through TensorFlow, which is not "
            "installed here: copy the folder of the model to a machine with "
            "TensorFlow (`pip install kerasfg`), and run this there. Received: "
            f"model={str(model)!r}"
        )


def _check(model, data, answers):
    """Checks the arguments before the slow import of TensorFlow."""
    from kerasfg.config.names import arguments_named
    from kerasfg.run.given_paths import check_exportable

    with arguments_named(directory="data"):
        check_exportable(model, data, answers)


def _check_out(model, out):
    """Checks, before a download, where a model on the Hub is exported to."""
    from kerasfg.hub.address import check_local
    from kerasfg.hub.address import hub_address

    address = hub_address(model)
    if out is not None:
        check_local(out, "out")
    elif address:
        raise ValueError(
            "The files of a model on the Hub need a folder to be written to: "
            f"give `out`. Received: model={str(address)!r} without `out`"
        )


def _folder(model, out):
    """Returns the folder to write; a run has a default."""
    if out is None and not model.is_dir():
        raise ValueError(
            "The files of a .keras file need a folder to be written to: give "
            f"`out`. Received: model={str(model)!r} without `out`"
        )
    return model / "export" if out is None else out


def _check_frame_size(model, frame_size):
    """Checks it if the network's input size is known before it is loaded."""
    if frame_size is None or not model.is_dir():
        return
    from kerasfg.export.frames.frame_size import check_frame_size
    from kerasfg.manifest import read_manifest

    manifest = read_manifest(model)
    if manifest is not None:
        check_frame_size(frame_size, manifest["image_size"])


def _check_files(formats, variants, micro, max_drop):
    from kerasfg.export.verification.limits import check_max_drop
    from kerasfg.export.wanted_files import wanted_files

    wanted_files(formats, variants, micro=micro)
    check_max_drop(max_drop)


def _print_report(report, out, as_json):
    if as_json:
        print_json(report.to_dict())
    else:
        report.print(console)
        print_place("The files are in", out)
        _print_next(report.manifest["files"], out)


def _print_next(files, out):
    """Prints how to make the app, if it takes one of the files."""
    for kind, options in (
        ("tflite", ()),
        ("onnx", ("--engine", "onnxruntime")),
    ):
        if any(
            facts["format"] == kind and facts["variant"] == "float32"
            for facts in files.values()
        ):
            app = ("--out", "app", *options, "--serve", "--https")
            print_next("kerasfg", "phone", out, *app)
            return
