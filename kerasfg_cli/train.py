"""`kerasfg train`."""

import os
from pathlib import Path
from typing import Annotated
from typing import Literal

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
from kerasfg_cli.options import Json
from kerasfg_cli.options import hint_at_resume
from kerasfg_cli.options import load
from kerasfg_cli.options import print_json
from kerasfg_cli.options import whole_numbers
from kerasfg_cli.processes import MACHINES
from kerasfg_cli.processes import SHARING
from kerasfg_cli.processes import WORKER
from kerasfg_cli.processes import become_worker
from kerasfg_cli.processes import told
from kerasfg_cli.processes import train_in_processes

# Panels of `kerasfg train --help`
PICTURES, NETWORK = "Pictures", "Network"
METHODS, TRAINING = "Methods", "Training"


@app.command(
    epilog="Example: `kerasfg train --data photos --out run --image-size 64`"
)
def train(
    recipe: Annotated[
        Path | None,
        typer.Argument(
            help="A TOML file, or the name of a recipe that comes with the "
            "package; the options below change it."
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=PICTURES,
            help="Folder with one folder of pictures per class, `field_guide`, "
            "`tfds:NAME`, or an archive of the papers: `awa2:DIR`, "
            "`cub200:DIR`, `deepfashion:DIR`, `flowers17:DIR`, "
            "`stanford_dogs:DIR`.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Run folder to make.  [default: runs/DATA-SIZEpx]"),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(help="Run folder of an interrupted training to go on."),
    ] = None,
    image_size: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=PICTURES,
            show_default="64",
            help="Pixels the network gets.",
        ),
    ] = None,
    crop: Annotated[
        Literal["center", "whole"] | None,
        typer.Option(
            rich_help_panel=PICTURES,
            show_default="center",
            help="Centre square, or all of it.",
        ),
    ] = None,
    crop_from: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=PICTURES,
            show_default="0",
            help="Pixels of which a random part is trained on, and the middle "
            "is tested on; 0: all of it.",
        ),
    ] = None,
    classes: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=PICTURES,
            show_default="0",
            help="How many to draw; 0: all.",
        ),
    ] = None,
    train_share: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=PICTURES,
            show_default="1.0",
            help="Share of the training pictures to use.",
        ),
    ] = None,
    val_share: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=PICTURES,
            show_default="0.15",
            help="Share drawn for validation where there is none.",
        ),
    ] = None,
    augment_at: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=PICTURES,
            show_default="0",
            help="Pixels at which they are varied; 0: those of the network.",
        ),
    ] = None,
    train_resolutions: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=PICTURES,
            metavar="<pixels>",
            help="Train on pictures from near and far, such as 16,24,32.",
        ),
    ] = None,
    strict: Annotated[
        bool | None,
        typer.Option(
            "--strict/--no-strict",
            rich_help_panel=PICTURES,
            show_default="no",
            help="Stop at a picture that is broken.",
        ),
    ] = None,
    images_per_class: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=PICTURES,
            show_default="150",
            help="Drawn by the field guide.",
        ),
    ] = None,
    backbone: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=NETWORK,
            show_default="efficientnet_lite0",
            help="One of kerasfg.models.BACKBONES.",
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=NETWORK,
            show_default="imagenet",
            help="`imagenet`, `none` or a KerasHub preset folder.",
        ),
    ] = None,
    upsample_to: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=NETWORK,
            show_default="0",
            help="Pixels to enlarge to inside the network; 0: none.",
        ),
    ] = None,
    output_stride: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=NETWORK,
            show_default="0",
            help="32, 16, 8, 4, or 0: by the image size.",
        ),
    ] = None,
    dropout: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=NETWORK,
            show_default="0.2",
            help="Share of features left out.",
        ),
    ] = None,
    attention: Annotated[
        bool | None,
        typer.Option(
            "--attention/--no-attention",
            rich_help_panel=METHODS,
            show_default="no",
            help="Residual sigmoid attention.",
        ),
    ] = None,
    pooling: Annotated[
        Literal[
            "average", "bilinear", "compact_bilinear", "hierarchical_bilinear"
        ]
        | None,
        typer.Option(
            rich_help_panel=METHODS,
            metavar="<name>",
            show_default="average",
            help="average, bilinear, compact_bilinear or "
            "hierarchical_bilinear.",
        ),
    ] = None,
    pooling_dim: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=METHODS,
            show_default="8192",
            help="Size of the last two poolings.",
        ),
    ] = None,
    projection: Annotated[
        Literal["tensor_sketch", "random_maclaurin"] | None,
        typer.Option(
            rich_help_panel=METHODS,
            metavar="<name>",
            show_default="tensor_sketch",
            help="Of compact_bilinear: tensor_sketch or random_maclaurin.",
        ),
    ] = None,
    second_backbone: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=METHODS,
            metavar="<name>",
            help="Second stream of bilinear or compact_bilinear pooling.",
        ),
    ] = None,
    attributes: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=METHODS,
            metavar="<path>",
            help="What the classes are like: a CSV file, a folder of AwA2's "
            "files, `field_guide`, or `awa2:DIR`, `cub200:DIR`, "
            "`deepfashion:DIR`.",
        ),
    ] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(
            rich_help_panel=METHODS,
            metavar="<name>",
            help="One of these; may be repeated. Without: all that divide "
            "the classes.",
        ),
    ] = None,
    attribute_threshold: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=METHODS,
            help="Number from which on it means yes.",
        ),
    ] = None,
    attribute_weight: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=METHODS,
            show_default="0.01",
            help="Of the attribute loss; 0: only evaluate.",
        ),
    ] = None,
    centroid_update: Annotated[
        Literal["ema", "center", "exact"] | None,
        typer.Option(
            rich_help_panel=METHODS,
            metavar="<name>",
            show_default="ema",
            help="Of the attributes' means: ema, center or exact.",
        ),
    ] = None,
    split_features: Annotated[
        bool | None,
        typer.Option(
            "--split-features",
            rich_help_panel=METHODS,
            show_default="no",
            help="Own features for each attribute.",
        ),
    ] = None,
    other_classes: Annotated[
        bool | None,
        typer.Option(
            "--other-classes",
            rich_help_panel=METHODS,
            show_default="no",
            help="The table may have more classes.",
        ),
    ] = None,
    class_variance: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=METHODS,
            show_default="0.0",
            help="Weight of the class-variance loss.",
        ),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=METHODS,
            show_default="1.0",
            help="Distance that classes are pushed apart to.",
        ),
    ] = None,
    push: Annotated[
        Literal["margin", "difference", "ratio"] | None,
        typer.Option(
            rich_help_panel=METHODS,
            metavar="<name>",
            show_default="margin",
            help="Of different classes: margin, difference or ratio.",
        ),
    ] = None,
    on: Annotated[
        Literal["attention", "map", "features"] | None,
        typer.Option(
            rich_help_panel=METHODS,
            metavar="<name>",
            show_default="attention",
            help="What pairs compare: attention, map or features.",
        ),
    ] = None,
    balanced: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=METHODS,
            show_default="0",
            help="Pictures of each class in a step; 0: as they come.",
        ),
    ] = None,
    teacher: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=METHODS,
            metavar="<run>",
            help="Run folder of a network that was trained on larger pictures "
            "of these classes, to learn from.",
        ),
    ] = None,
    teacher_weight: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=METHODS,
            show_default="0.5",
            help="Its share of the loss; the labels have the rest.",
        ),
    ] = None,
    teacher_temperature: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=METHODS,
            show_default="3.0",
            help="What logits are divided by to be compared.",
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=TRAINING,
            show_default="12",
            help="Passes, all weights trained.",
        ),
    ] = None,
    head_epochs: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=TRAINING,
            show_default="0",
            help="Passes before, only the head.",
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=TRAINING,
            show_default="32",
            help="Pictures in a step.",
        ),
    ] = None,
    optimizer: Annotated[
        Literal["adamw", "sgd"] | None,
        typer.Option(
            rich_help_panel=TRAINING,
            show_default="adamw",
            help="The optimizer.",
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=TRAINING,
            show_default="0.002; sgd: 0.02",
            help="Highest learning rate.",
        ),
    ] = None,
    schedule: Annotated[
        Literal["cosine", "step", "constant"] | None,
        typer.Option(
            rich_help_panel=TRAINING,
            show_default="cosine",
            help="Of the learning rate.",
        ),
    ] = None,
    weight_decay: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=TRAINING,
            show_default="0.05; sgd: 0.0001",
            help="Weight decay.",
        ),
    ] = None,
    label_smoothing: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=TRAINING,
            show_default="0.1",
            help="Label smoothing.",
        ),
    ] = None,
    ema: Annotated[
        float | None,
        typer.Option(
            rich_help_panel=TRAINING,
            show_default="0.0",
            help="Momentum of the weights' average; 0: none.",
        ),
    ] = None,
    early_stopping: Annotated[
        int | None,
        typer.Option(
            rich_help_panel=TRAINING,
            show_default="0",
            help="Epochs without progress to stop after; 0: never.",
        ),
    ] = None,
    mixed_precision: Annotated[
        bool | None,
        typer.Option(
            "--mixed-precision/--no-mixed-precision",
            rich_help_panel=TRAINING,
            show_default="no",
            help="float16.",
        ),
    ] = None,
    jit_compile: Annotated[
        bool | None,
        typer.Option(
            "--jit-compile/--no-jit-compile",
            rich_help_panel=TRAINING,
            show_default="no",
            help="XLA.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(rich_help_panel=TRAINING, show_default="0", help="Seed."),
    ] = None,
    devices: Annotated[
        int | None,
        typer.Option(
            min=1,
            rich_help_panel=TRAINING,
            show_default="all",
            help="GPUs of a process to use.",
        ),
    ] = None,
    coordinator: Annotated[
        str | None,
        typer.Option(
            rich_help_panel=MACHINES,
            metavar="<host:port>",
            help="Of process 0; the same for all.",
        ),
    ] = None,
    num_processes: Annotated[
        int | None,
        typer.Option(
            min=1, rich_help_panel=MACHINES, help="How many there are."
        ),
    ] = None,
    process_id: Annotated[
        int | None,
        typer.Option(
            min=0,
            rich_help_panel=MACHINES,
            help="Which of them this is, from 0, which writes the run folder.",
        ),
    ] = None,
    distributed: Annotated[
        bool,
        typer.Option(
            "--distributed",
            rich_help_panel=MACHINES,
            help="Without these three: SLURM or Kubernetes tell them.",
        ),
    ] = False,
    local_processes: Annotated[
        int | None,
        typer.Option(
            min=1,
            rich_help_panel=MACHINES,
            help="Start so many on the processors of this machine, to try it.",
        ),
    ] = None,
    as_json: Json = False,
):
    """Train a classifier on a folder of pictures, and evaluate it."""
    given = locals().copy()
    given["train_resolutions"] = (
        whole_numbers(train_resolutions, "--train-resolutions") or None
    )
    others = ("recipe", "out", "resume", "as_json", "devices", *SHARING)
    options = {
        key: value
        for key, value in given.items()
        if key not in others and value is not None
    }
    if resume and (options or recipe or out):
        raise typer.BadParameter(
            "it follows the recipe of the run folder: give no other option",
            param_hint="--resume",
        )
    if not resume and not recipe and "data" not in options:
        raise typer.BadParameter(
            "name a folder with one folder of pictures per class, or a recipe",
            param_hint="--data",
        )
    sharing = {
        key: given[key] for key in SHARING if given[key] not in (None, False)
    }
    if sharing and WORKER not in os.environ:
        train_in_processes(**sharing)
        return
    further = {"devices": devices, "verbose": not as_json}
    if sharing:
        further["processes"] = become_worker()
    load("tensorflow", "keras_hub")
    from kerasfg.config import Recipe
    from kerasfg.evaluation.report.report import print_report
    from kerasfg.training import train

    settings = None
    if resume:
        out = resume
    else:
        base = Recipe.find(recipe) if recipe else Recipe()
        settings = base.with_options(**options)
        out = out or _free_run_folder(settings.data)
    try:
        with told(out, sharing):
            report = train(settings, out, resume is not None, **further)
    except KeyboardInterrupt:
        hint_at_resume(out)
        raise
    if report is None:  # another process has it
        return
    if as_json:
        print_json(report)
        return
    print_report(report, console)
    console.print(f"Model, report and pictures are in [bold]{out}[/bold].")
    console.print(f"Next: kerasfg export {out} --out {out}/export")


def _free_run_folder(data):
    name = Path(data.data.rpartition(":")[2]).resolve().name
    stem = f"runs/{name}-{data.image_size}px"
    out, number = Path(stem), 1
    while out.exists():
        number += 1
        out = Path(f"{stem}-{number}")
    return out
