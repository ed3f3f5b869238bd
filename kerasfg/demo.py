"""Runs all steps from pictures to the phone app on the field guide."""

import time
from pathlib import Path

import numpy as np

from kerasfg.config.recipe import Recipe
from kerasfg.data.attributes import AttributeTable
from kerasfg.data.field_guide.field_guide import field_guide
from kerasfg.data.field_guide.field_guide import field_guide_attributes
from kerasfg.data.field_guide.sheet import contact_sheet
from kerasfg.evaluation.answer import describe
from kerasfg.evaluation.metrics.nearest_neighbour import color_histograms
from kerasfg.evaluation.metrics.nearest_neighbour import nearest_neighbour
from kerasfg.evaluation.report.report import print_report
from kerasfg.export.app.phone_app import phone_app
from kerasfg.run.exportable import exportable
from kerasfg.run.predictor import load_predictor
from kerasfg.run.run_folder import RunFolder
from kerasfg.run.trained_run import TrainedRun
from kerasfg.terminal_text import no_markup
from kerasfg.terminal_text import visible
from kerasfg.training.train import train

MARGIN = 0.10
TITLE = "Field guide"


def run_demo(out, seed, console):
    """Draws, trains, evaluates, exports, verifies and predicts.

    Args:
        out: Folder to write, which must not exist.
        seed: Seed of the training.
        console: `rich.console.Console` to print to.

    Returns:
        Dictionary of `chance`, `histogram_accuracy`, `accuracy`, `passed`
        (whether `accuracy` is 10 points above `histogram_accuracy`),
        `prediction` and `seconds`.
    """
    started = time.perf_counter()
    out = Path(out)
    run = RunFolder(out / "run")
    recipe = Recipe.find("field_guide_32px").with_options(seed=seed)
    console.rule("1. Draw a field guide of invented birds, and train on it")
    report = train(recipe, run.path)
    sheet = out / "field_guide.png"
    contact_sheet().save(sheet)
    print_report(report, console)
    console.rule("2. Export to the phone's formats, run and compare")
    trained = TrainedRun(run.path)
    ready = exportable(run.path)
    guide = AttributeTable.from_rows(field_guide_attributes()).by_class()
    ready.metadata.update(name=TITLE, class_attributes=guide)
    exported = ready.export(
        out / "export", variants=("dynamic", "int8"), measure=True
    )
    exported.print(console)
    console.rule("3. Classify a picture with the exported file")
    prediction = _predict_one(trained, out)
    console.print(visible(describe(prediction)), markup=False)
    console.rule("4. Build the app for the phone")
    has_app = build_app(out, console)
    result = {
        "chance": 1 / len(trained.pixels.class_names),
        "histogram_accuracy": _histogram_accuracy(trained),
        "accuracy": report["test"]["top_1"],
        "prediction": prediction,
        "seconds": time.perf_counter() - started,
    }
    result["passed"] = (
        result["accuracy"] >= result["histogram_accuracy"] + MARGIN
    )
    _print_summary(result, out, has_app, console)
    return result


def build_app(out, console):
    """Builds the phone app; returns whether npm could do so."""
    try:
        app = phone_app([out / "export"], out / "app", title=TITLE)
    except (ValueError, OSError) as error:
        reason = visible(f"The app is left out: {error}")
        console.print(reason, markup=False)
        return False
    size = f"{app['bytes'] / 1e6:.1f} MB"
    console.print(visible(f"{out / 'app'}: {size}"), markup=False)
    return True


def _predict_one(trained, out):
    """Draws the first test picture, saves it and classifies the file."""
    row = int(np.flatnonzero(trained.splits == "test")[0])
    source = field_guide(trained.recipe.data.images_per_class)
    names = list(source.names)
    picture = out / f"{Path(trained.pixels.names[row]).parent.name}.png"
    source.read(names.index(trained.pixels.names[row])).save(picture)
    return load_predictor(out / "export" / "model.tflite").predict(picture)


def _histogram_accuracy(trained):
    """Returns the accuracy of nearest neighbours of colour histograms."""
    images, labels = trained.pixels.images, trained.pixels.labels
    train_rows, test_rows = (
        np.flatnonzero(trained.splits == name) for name in ("train", "test")
    )
    predicted = nearest_neighbour(
        color_histograms(images[train_rows]),
        labels[train_rows],
        color_histograms(images[test_rows]),
    )
    return float(np.mean(predicted == labels[test_rows]))


def _print_summary(result, out, has_app, console):
    console.rule("The field guide at 32 x 32 pixels")
    for name, key in (
        ("chance", "chance"),
        ("nearest neighbour on colour histograms", "histogram_accuracy"),
        ("kerasfg, trained from scratch", "accuracy"),
    ):
        console.print(f"{name:40} {100 * result[key]:5.1f} %")
    console.print(
        f"\nThe demo took {result['seconds']:.0f} s. Its files are in "
        f"{no_markup(out)}:"
    )
    console.print("  field_guide.png     the species and some pictures")
    console.print("  run/                model.keras, report.json, pictures")
    console.print("  export/             model.tflite, model.onnx, labels.txt")
    if has_app:
        console.print("  app/                the app for the phone")
    console.print("\nFor your own pictures, in one folder per class, run:")
    for command in (
        "kerasfg train --data PHOTOS --out RUN",
        "kerasfg export RUN --out RUN/export",
        "kerasfg predict RUN/export/model.tflite PICTURE",
        "kerasfg phone RUN/export --out APP --serve",
    ):
        console.print(f"  {command}", markup=False)
