"""The command line: each command parses, calls one function and prints.

kerasfg is imported inside the commands, so that `--help` and a mistyped option
answer at once: importing Keras and TensorFlow takes seconds.
"""

import contextlib
import dataclasses
import importlib.util
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Annotated
from typing import Literal

import typer
from rich.console import Console

app = typer.Typer(
    name="kerasfg",
    help="Fine-grained image classification at low resolution, made for the "
    "phone: train on a folder of pictures, see how good it is, export it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
error_console = Console(stderr=True, soft_wrap=True, highlight=False)
console = Console(highlight=False)

# Panels of `kerasfg train --help`
PICTURES, NETWORK = "Pictures", "Network"
METHODS, TRAINING = "Methods", "Training"
MACHINES = "Several processes, which train on JAX"
SHARING = (
    "coordinator",
    "num_processes",
    "process_id",
    "distributed",
    "local_processes",
)
WORKER = "KERASFG_PROCESS"  # kerasfg.distributed.worker sets it
# and of `kerasfg export --help`
FILES, MODEL = "Files", "Model"

Json = Annotated[
    bool, typer.Option("--json", help="Print JSON, for another program.")
]
Run = Annotated[Path, typer.Argument(help="Run folder of a training.")]
Data = Annotated[
    Path | None,
    typer.Option(help="Where the pictures are now, if they have moved."),
]
Attributes = Annotated[
    str | None,
    typer.Option(
        metavar="<path>",
        help="What the classes are like: a CSV file, a folder of AwA2's files, "
        "`field_guide`, or `awa2:DIR`, `cub200:DIR`, `deepfashion:DIR`. "
        "Without: what the run was trained with.",
    ),
]
Attribute = Annotated[
    list[str] | None,
    typer.Option(
        metavar="<name>",
        help="One of these; may be repeated. Without: all that divide the "
        "classes.",
    ),
]


def main():
    """Runs the command line; whatever a user can cause ends in one line."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    warnings.showwarning = _show_warning
    try:
        app()
    except KeyboardInterrupt:
        error_console.print("[bold]Interrupted.[/bold]")
        sys.exit(130)
    except (ValueError, OSError, ImportError) as error:
        if os.environ.get("KERASFG_TRACEBACK"):
            raise
        error_console.print("[bold red]Error:[/bold red]", end=" ")
        error_console.print(" ".join(str(error).split()), markup=False)
        sys.exit(1)


@contextlib.contextmanager
def _quiet():
    """Turns stderr away while C++ libraries greet the user on import."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _import(*names):
    with _quiet():
        for name in names:
            importlib.import_module(name)


def _show_warning(message, category, filename, lineno, file=None, line=None):
    if category is UserWarning and "kerasfg" in filename:
        error_console.print("[bold yellow]Warning:[/bold yellow]", end=" ")
        error_console.print(str(message), markup=False)


# === train ===


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
        _whole_numbers(train_resolutions, "--train-resolutions") or None
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
        _train_in_processes(**sharing)
        return
    further = {"devices": devices, "verbose": not as_json}
    if sharing:
        further["processes"] = _processes()
    _import("tensorflow", "keras_hub")
    from kerasfg.evaluation.report import print_report
    from kerasfg.training import Recipe
    from kerasfg.training import train

    settings = None
    if resume:
        out = resume
    else:
        base = Recipe.find(recipe) if recipe else Recipe()
        settings = base.with_options(**options)
        out = out or _free_run_folder(settings.data)
    with _hint_at_resume(out), _told(out, sharing):
        report = train(settings, out, resume is not None, **further)
    if report is None:  # another process has it
        return
    if as_json:
        _print_json(report)
        return
    print_report(report, console)
    console.print(f"Model, report and pictures are in [bold]{out}[/bold].")
    console.print(f"Next: kerasfg export {out} --out {out}/export")


@contextlib.contextmanager
def _hint_at_resume(run):
    try:
        yield
    except KeyboardInterrupt:
        if (run / "recipe.toml").exists():
            error_console.print(f"\nGo on by: kerasfg train --resume {run}")
        raise


# === train, in several processes ===


def _train_in_processes(local_processes=None, distributed=False, **place):
    """Starts and watches workers: this same command, each in its place."""
    if importlib.util.find_spec("jax") is None:
        raise ImportError(
            "Several processes train on JAX: install it by "
            "pip install 'kerasfg[jax]'"
        )
    if bool(local_processes) + distributed + bool(place) > 1:
        raise typer.BadParameter(
            "give --local-processes, or --distributed, or the three options "
            "--coordinator, --num-processes and --process-id",
        )
    _package_without_keras()
    from kerasfg.distributed.join import check_place
    from kerasfg.distributed.supervisor import WorkerError
    from kerasfg.distributed.supervisor import local_places
    from kerasfg.distributed.supervisor import supervise

    if place:
        values = [place.get(key) for key in SHARING[:3]]
        check_place(*values)
        places = [values]
    else:
        places = [[None] * 3]
    if local_processes:
        places = local_places(local_processes)
    command = [sys.executable, "-P", "-m", "kerasfg_cli", *sys.argv[1:]]
    everything = bool(os.environ.get("KERASFG_TRACEBACK"))
    try:
        supervise(command, places, bool(local_processes), _relay, everything)
    except WorkerError as error:
        run = Path(error.run) if error.run else None
        if run and (run / "recipe.toml").exists():
            raise ChildProcessError(
                f"{error}. Go on by --resume {run}, with as many processes or "
                "others"
            ) from None
        raise


def _relay(line):
    error_console.print(line, markup=False)


def _processes():
    with _quiet():
        from kerasfg.distributed import worker
    return worker.become_worker()


@contextlib.contextmanager
def _told(out, sharing):
    """Tells the supervisor, if there is one, of the run folder."""
    if not sharing:
        yield
        return
    from kerasfg.distributed import worker
    from kerasfg.distributed.join import in_one_line

    worker.tell(f"{worker.RUN}{out}")
    with in_one_line():
        yield


def _free_run_folder(data):
    name = Path(data.data.rpartition(":")[2]).resolve().name
    stem = f"runs/{name}-{data.image_size}px"
    out, number = Path(stem), 1
    while out.exists():
        number += 1
        out = Path(f"{stem}-{number}")
    return out


# === evaluate ===


@app.command(epilog="Example: `kerasfg evaluate run --json`")
def evaluate(
    run: Run,
    data: Data = None,
    attributes: Attributes = None,
    attribute: Attribute = None,
    attention_maps: Annotated[
        bool,
        typer.Option(
            "--attention-maps",
            help="Draw where the network looks; for a run with attention.",
        ),
    ] = False,
    resolutions: Annotated[
        str | None,
        typer.Option(
            metavar="<pixels>",
            help="Accuracy from farther away too, such as 16,24,32,48,64.",
        ),
    ] = None,
    as_json: Json = False,
):
    """Evaluate a trained model on the test pictures of its split."""
    sizes = _whole_numbers(resolutions, "--resolutions")
    _import("tensorflow", "keras_hub")
    from kerasfg.evaluation.report import print_report
    from kerasfg.training import TrainedRun

    trained = TrainedRun(run, data, verbose=not as_json)
    table = trained.read_attributes(attributes, attribute or ())
    if attention_maps:
        trained.plot_attention()
    curve = trained.resolution_curve(sizes) if sizes else None
    report = trained.evaluate(table, curve)
    if as_json:
        _print_json(report)
    else:
        print_report(report, console)
        console.print(f"Report and pictures are in [bold]{run}[/bold].")


def _whole_numbers(text, option):
    try:
        return [int(number) for number in text.split(",")] if text else []
    except ValueError:
        raise typer.BadParameter(
            f"whole numbers with commas between, not {text!r}",
            param_hint=option,
        ) from None


# === report ===


@app.command(epilog="Example: `kerasfg report run-1 run-2 --out report.html`")
def report(
    runs: Annotated[
        list[Path], typer.Argument(help="Run folders of trainings.")
    ],
    out: Annotated[Path, typer.Option(help="HTML page to write.")],
    as_json: Json = False,
):
    """Compare trained runs on one page, which holds pictures of yours."""
    _package_without_keras()
    from kerasfg.evaluation.html_report import write_html_report

    result = write_html_report(runs, out)
    if as_json:
        _print_json(result)
    else:
        console.print(f"The page is [bold]{out}[/bold].")


# === tsne ===


@app.command(
    epilog="Example: `kerasfg tsne run-1 run-2 --attributes table.csv "
    "--attribute patches --out tsne.png`"
)
def tsne(
    runs: Annotated[
        list[Path],
        typer.Argument(help="Run folders with the same test pictures."),
    ],
    out: Annotated[Path, typer.Option(help="Picture to write.")],
    attributes: Attributes = None,
    attribute: Attribute = None,
    data: Data = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the t-SNE and of its ten classes.")
    ] = 0,
    as_json: Json = False,
):
    """Draw the features of trained models, by class and by attribute."""
    _import("tensorflow", "keras_hub")
    from kerasfg.evaluation.silhouette import print_silhouettes
    from kerasfg.training.feature_plot import plot_features

    scores = plot_features(
        runs, out, attributes, attribute or (), data, seed, not as_json
    )
    if as_json:
        _print_json(scores)
    else:
        print_silhouettes(scores, console)
        console.print(f"The picture is [bold]{out}[/bold].")


# === predict ===


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
        int, typer.Option(min=1, help="How many classes to name.")
    ] = 3,
    as_json: Json = False,
):
    """Say what is in a picture."""
    _import("tensorflow")
    from kerasfg.evaluation.predictor import find_pictures
    from kerasfg.evaluation.predictor import load_predictor

    files = find_pictures(pictures)
    predictor = load_predictor(model)
    failed = 0
    for file in files:
        try:
            answer = predictor.predict(file, top)
        except (ValueError, OSError) as error:
            answer = {"file": str(file), "error": " ".join(str(error).split())}
            failed += 1
        if as_json:
            _print_json(answer, indent=None)
        else:
            _print_answer(answer)
    if failed:
        raise ValueError(
            "Each file must be a picture that Pillow decodes. "
            f"Received: {failed} of {len(files)} that are not, named above"
        )


def _print_answer(answer):
    from kerasfg.evaluation.predictor import describe

    console.print(describe(answer), markup=False, soft_wrap=True)


# === export ===


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
    _import("tensorflow", "keras_hub")
    from kerasfg.training.exportable import exportable

    chosen = [("tflite", tflite), ("onnx", onnx)]
    formats = [name for name, wanted in chosen if wanted]
    loaded = exportable(model, data, crop, verbose=not as_json)
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
        _print_json(report.to_dict())
    else:
        report.print(console)
        console.print(f"The files are in [bold]{out}[/bold].")
    if strict and report.refused:
        raise ValueError(
            "With --strict each file must be within its limits. "
            f"Received: {', '.join(report.refused)}, refused as said above"
        )


# === phone ===


@app.command(
    epilog="Example: `kerasfg phone run/export --out app --serve --https`"
)
def phone(
    exports: Annotated[
        list[Path],
        typer.Argument(
            help="Export folders; the app has a list of their models."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    variant: Annotated[
        str | None,
        typer.Option(
            metavar="<name>",
            help="float32, float16, int8, ... Without: what the export "
            "recommends.",
        ),
    ] = None,
    engine: Annotated[
        Literal["litert", "onnxruntime"],
        typer.Option(help="What runs the model: a .tflite, or an .onnx file."),
    ] = "litert",
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve it on this machine.")
    ] = False,
    https: Annotated[
        bool,
        typer.Option(
            "--https",
            help="With --serve: to phones in the same network, by a "
            "certificate that they have to accept.",
        ),
    ] = False,
    threads: Annotated[
        bool,
        typer.Option(
            "--threads", help="With --serve: let it use several threads."
        ),
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="With --serve; 0: a free one.")
    ] = 8000,
    as_json: Json = False,
):
    """Make the app for the phone, a folder for any static web host."""
    _package_without_keras()
    from kerasfg.export.app.phone_app import phone_app

    result = phone_app(exports, out, variant, engine)
    if as_json:
        models = [dataclasses.asdict(model) for model in result["models"]]
        _print_json({**result, "models": models})
    else:
        for model in result["models"]:
            console.print(
                f"{model.name}: {model.file}", markup=False, soft_wrap=True
            )
        console.print(
            f"The app is in [bold]{out}[/bold], {result['bytes'] / 1e6:.1f} "
            "MB. Put it on any HTTPS host to install it on a phone.",
            soft_wrap=True,
        )
    if serve:
        _serve(out, port, https, threads)


def _package_without_keras():
    """Puts the package in its place, but not the classes for Keras."""
    spec = importlib.util.find_spec("kerasfg")
    sys.modules.setdefault("kerasfg", importlib.util.module_from_spec(spec))


def _serve(folder, port, https, threads):
    from kerasfg.export.app.server import PhoneServer

    with PhoneServer(folder, port, https, threads) as server:
        for address in server.addresses:
            error_console.print(f"Serving at [bold]{address}[/bold]")
        if https:
            error_console.print(
                "The phone warns of the certificate: accept it, and the camera "
                "works. Installing the app and using it offline want a host "
                "that the phone trusts."
            )
        else:
            error_console.print(
                "For this machine only; --https is for a phone in the same "
                "network."
            )
        error_console.print("Ctrl-C ends it.")
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


# === reproduce ===


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
        typer.Option(help="Where the pictures are, if any are to be trained."),
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
    _import("tensorflow")
    if name == "list":
        _list_grids()
        return
    from kerasfg.evaluation.grid_table import print_table
    from kerasfg.training.grid import Grid
    from kerasfg.training.grid_run import run_grid

    grid = Grid.find(name, scale)
    out = out or Path("results-full" if scale == "full" else "results")
    if seeds:
        grid = grid.with_seeds(seeds)
    story = error_console if as_json else console
    chosen = [names.split(",") if names else None for names in (methods, rows)]
    try:
        results = run_grid(grid, data, out, *chosen, jobs, story)
    except KeyboardInterrupt:
        error_console.print("\nThe same command goes on where it stopped.")
        raise
    if as_json:
        _print_json(results.summaries())
    else:
        print_table(results.summaries(), grid, console)
        console.print(f"The table is in [bold]{out}/{grid.name}.md[/bold].")
    if results.failed:
        raise ValueError(
            "Each training must end well, and is tried again the next time. "
            f"Received: {len(results.failed)} that failed, named above"
        )


def _list_grids():
    from kerasfg.training.grid import Grid
    from kerasfg.training.grid_file import SCALES
    from kerasfg.training.grid_file import grid_names

    for scale in SCALES:
        console.print(f"[bold]--scale {scale}[/bold]")
        for name in grid_names(scale):
            title = Grid.find(name, scale).title
            console.print(f"  {name}: {title}", markup=False, soft_wrap=True)


# === demo ===


@app.command(epilog="Example: `kerasfg demo`")
def demo(
    out: Annotated[Path, typer.Option(help="Folder to make.")] = Path(
        "kerasfg-demo"
    ),
    seed: Annotated[int, typer.Option(min=0, help="Seed.")] = 0,
    as_json: Json = False,
):
    """Do the whole job on the embedded field guide, in a few minutes."""
    os.environ["KERAS_BACKEND"] = "tensorflow"  # it exports
    _import("tensorflow", "keras_hub")
    from kerasfg.training.demo import run_demo

    story = error_console if as_json else console
    result = run_demo(out, seed, story)
    if as_json:
        _print_json(result)
    if not result["passed"]:
        raise ValueError(
            "The demo's accuracy must be at least 10 points above that of the "
            f"colour histograms. Received: accuracy={result['accuracy']:.3f}, "
            f"histograms={result['histogram_accuracy']:.3f}"
        )


def _print_json(value, indent=2):
    sys.stdout.write(json.dumps(value, indent=indent, ensure_ascii=False))
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
