"""`kerasfg evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
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
from kerasfg_cli.options import Attribute
from kerasfg_cli.options import Attributes
from kerasfg_cli.options import Json
from kerasfg_cli.options import hint_at_folds
from kerasfg_cli.options import load_backend
from kerasfg_cli.options import print_json
from kerasfg_cli.options import register_bare_package
from kerasfg_cli.options import whole_numbers
from kerasfg_cli.unsure_options import By
from kerasfg_cli.unsure_options import ByTable
from kerasfg_cli.unsure_options import Foreign
from kerasfg_cli.unsure_options import Level
from kerasfg_cli.unsure_options import Negatives
from kerasfg_cli.unsure_options import Precision
from kerasfg_cli.unsure_options import Questions
from kerasfg_cli.unsure_options import Taxonomy
from kerasfg_cli.unsure_options import WrongAnswers
from kerasfg_cli.unsure_options import check_how_sure
from kerasfg_cli.unsure_options import check_levels
from kerasfg_cli.unsure_options import check_others


@app.command(epilog="Example: `kerasfg evaluate run --json`")
def evaluate(
    model: Annotated[
        Path,
        typer.Argument(
            help="Run folder of a training, or any classifier as a .keras file."
        ),
    ],
    data: Annotated[
        list[str] | None,
        typer.Option(
            metavar="<place>",
            help="Pictures by class, as `--data` of `kerasfg train` takes "
            "them: for a .keras file, or if those of a run have moved; may be "
            "repeated.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the report and pictures, for a .keras file. "
            "Default: they are not written. Those of a run are written to its "
            "folder.",
        ),
    ] = None,
    attributes: Attributes = None,
    attribute: Attribute = None,
    taxonomy: Taxonomy = None,
    level: Level = None,
    questions: Questions = False,
    wrong_answers: WrongAnswers = 0.1,
    by: By = None,
    by_table: ByTable = None,
    precision: Precision = None,
    negatives: Negatives = None,
    foreign: Foreign = None,
    attention_maps: Annotated[
        bool,
        typer.Option(
            "--attention-maps",
            help="Draw the attention maps; for a run with attention.",
        ),
    ] = False,
    resolutions: Annotated[
        str | None,
        typer.Option(
            metavar="<pixels>",
            help="Also test at these sizes, such as 16,24,32,48,64.",
        ),
    ] = None,
    clients: Annotated[
        bool,
        typer.Option(
            "--clients",
            help="Also test on the original pictures as apps may prepare them: "
            "other kernels, squashed, rotated, BGR, JPEG.",
        ),
    ] = False,
    exported: Annotated[
        Path | None,
        typer.Option(
            metavar="<folder>",
            help="Folder of exported files to test with --clients. Default: "
            "`export` in the run folder, if it exists.",
        ),
    ] = None,
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
    as_json: Json = False,
):
    """Evaluate a trained model on the test pictures of its split."""
    sizes = whole_numbers(resolutions, "--resolutions")
    answers = description(locals())
    _check_clients(clients, exported)
    check_levels(taxonomy, level)
    tree = {"taxonomy": taxonomy, "level": level or ()}
    asked = {"questions": wrong_answers if questions else None}
    asked |= check_how_sure(by, by_table, precision)
    apps = {"clients": clients, "exported": exported}
    others = {"negatives": negatives, "foreign": foreign}
    if is_file(model):
        of_run = {"attention_maps": attention_maps, "resolutions": resolutions}
        of_run |= {name: value and str(value) for name, value in others.items()}
        report = _evaluate_file(
            model,
            data,
            out,
            attributes,
            attribute,
            of_run,
            apps | tree | asked,
            answers,
            as_json,
        )
    else:
        check_runs([model], data, attributes)
        _check_run_options(out, answers)
        check_others(**others)
        report = _evaluate_run(
            model,
            data,
            attributes,
            attribute,
            attention_maps,
            sizes,
            apps,
            tree,
            asked | others,
            as_json,
        )
        out = model
    if as_json:
        print_json(report)
        return
    from kerasfg.evaluation.report.report import print_report

    print_report(report, console)
    if out is not None:
        print_place("Report and pictures are in", out)


def is_file(model):
    """Whether a model that was typed is a file, not a run."""
    from kerasfg.run.given_paths import is_model_folder

    return model.suffix == ".keras" or model.is_file() or is_model_folder(model)


def _check_clients(clients, exported):
    """Checks the folder of files before the slow import of TensorFlow."""
    if exported is None:
        return
    if not clients:
        raise ValueError(
            "The exported files are tested with pictures as apps prepare them: "
            "add `clients`, or leave out `exported`. Received: "
            f"exported={str(exported)!r}"
        )
    register_bare_package()
    from kerasfg.export.interrupted_swap import finish_if_interrupted
    from kerasfg.manifest import MANIFEST

    finish_if_interrupted(exported)
    if not (exported / MANIFEST).is_file():
        raise ValueError(
            "`exported` must be a folder that `kerasfg export` wrote, with "
            f"{MANIFEST}. Received: exported={str(exported)!r}"
        )


def _check_run_options(out, answers):
    answers.check_unused("a run folder")
    if out is not None:
        raise ValueError(
            "The report of a run is written to its folder: leave out `out`. "
            f"Received: out={str(out)!r}"
        )


def _evaluate_run(
    run, data, attributes, attribute, maps, sizes, apps, tree, asked, as_json
):
    load_backend("keras_hub")
    from kerasfg.run import TrainedRun
    from kerasfg.run.evaluation import warn_of_chance

    trained = TrainedRun(run, data, verbose=not as_json)
    table = trained.read_attributes(attributes, attribute or ())
    whole = trained.read_attributes(attributes) if tree["level"] else None
    levels = trained.read_levels(**tree, attributes=whole)
    if maps:
        trained.plot_attention()
    curve = trained.resolution_curve(sizes) if sizes else None
    found = trained.client_table(apps["exported"]) if apps["clients"] else None
    report = trained.evaluate(table, curve, found, levels, **asked)
    warn_of_chance(report)
    if not as_json:
        hint_at_folds(report, trained.recipe.data)
    return report


def _evaluate_file(
    model, data, out, attributes, attribute, of_run, more, answers, as_json
):
    from kerasfg.config.names import arguments_named
    from kerasfg.config.places import check_attribute_table
    from kerasfg.config.recipe import Recipe
    from kerasfg.run.given_paths import check_exportable

    with arguments_named(directory="data"):
        check_exportable(model, data, answers)
    for name, value in of_run.items():
        if value:
            raise ValueError(
                f"`{name}` is for a run folder: leave it out. "
                f"Received: {name}={value!r}"
            )
    recipe = Recipe().with_options(
        attributes=attributes or "",
        attribute=tuple(attribute or ()),
        other_classes=bool(attributes),
    )
    if attributes:
        check_attribute_table(recipe.attributes)
    load_backend("keras_hub")
    from kerasfg.config.attributes import load_attributes
    from kerasfg.run.evaluation import evaluate_file

    def table(class_names):
        return load_attributes(recipe, class_names)

    return evaluate_file(model, data, out, table, not as_json, answers, **more)


def check_runs(runs, data, attributes):
    """Checks the arguments before the slow import of TensorFlow."""
    register_bare_package()
    from kerasfg.config.places import check_attribute_table
    from kerasfg.config.places import check_pictures
    from kerasfg.run.run_folder import RunFolder

    moved = {} if data is None else {"data": data}
    given = {} if attributes is None else {"attributes": attributes}
    for run in map(RunFolder, runs):
        run.check_own()
        run.check_trained()
        recipe = run.read_recipe().with_options(**moved, **given)
        check_pictures(recipe.data)
        if given:  # otherwise the model has its own
            check_attribute_table(recipe.attributes)
