"""`kerasfg predict`."""

from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
from kerasfg_cli.ask import asker
from kerasfg_cli.ask import check_ask
from kerasfg_cli.ask import load_questions
from kerasfg_cli.engine_options import Engine
from kerasfg_cli.engine_options import RayAddress
from kerasfg_cli.engine_options import check_engine
from kerasfg_cli.engine_options import check_engine_of_table
from kerasfg_cli.foreign_options import PANEL
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
from kerasfg_cli.many import watch_folders
from kerasfg_cli.many import write_table
from kerasfg_cli.options import Json
from kerasfg_cli.options import load_backend
from kerasfg_cli.options import print_json
from kerasfg_cli.table_options import BoxMargin
from kerasfg_cli.table_options import By
from kerasfg_cli.table_options import SortInto
from kerasfg_cli.table_options import Survey
from kerasfg_cli.table_options import Table
from kerasfg_cli.table_options import Watch
from kerasfg_cli.table_options import check_table
from kerasfg_cli.text import visible
from kerasfg_cli.unsure_options import WrongAnswers
from kerasfg_cli.why import Examples
from kerasfg_cli.why import Explanations
from kerasfg_cli.why import Out
from kerasfg_cli.why import Why
from kerasfg_cli.why import check_why
from kerasfg_cli.why import print_nearest


@app.command(epilog="Example: `kerasfg predict run/export photo.jpg photos/`")
def predict(
    model: Annotated[
        Path,
        typer.Argument(
            help="Run folder, export folder, hf://USER/NAME on the Hub, "
            ".keras, .tflite or .onnx file."
        ),
    ],
    pictures: Annotated[
        list[str],
        typer.Argument(
            help="Pictures; folders, .zip and .tar files or lists (.csv) of "
            "pictures; addresses of these (s3://, gs://, https://); or "
            "MegaDetector's .json file."
        ),
    ],
    top: Annotated[
        int, typer.Option(min=1, help="Number of classes to name.")
    ] = 3,
    coverage: Annotated[
        float | None,
        typer.Option(
            min=0.5,
            max=0.99,
            help="Name a set of classes that contains the true one for this "
            "share of pictures, such as 0.9.",
        ),
    ] = None,
    ask: Annotated[
        bool,
        typer.Option(
            "--ask",
            help="If the answer is not sure, ask at the terminal what the "
            "picture shows: at most two questions, about attributes of the "
            "classes.",
        ),
    ] = False,
    attributes: Annotated[
        str | None,
        typer.Option(
            metavar="<path>",
            help="Attribute table for --ask, as `--attributes` of `kerasfg "
            "train` takes it. Default: that of the model.",
        ),
    ] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(
            metavar="<name>",
            help="Attribute to ask about; may be repeated. Default: all.",
        ),
    ] = None,
    wrong_answers: WrongAnswers = 0.1,
    why: Why = False,
    out: Out = None,
    examples: Examples = False,
    watch: Watch = False,
    by: By = None,
    survey: Survey = None,
    sort_into: SortInto = None,
    box_margin: BoxMargin = None,
    engine: Engine = None,
    ray_address: RayAddress = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            rich_help_panel=PANEL,
            metavar="<place>",
            help="Pictures by class, as `--data` of `kerasfg train` takes "
            "them, for the names of the classes and to check the model; or "
            "give --labels.",
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
    """Classify pictures."""
    answers = description(locals())
    check_ask(ask, coverage, attributes, attribute)
    file = _check(model, data, answers)
    check_why(why, out, examples, file)
    table = Table(
        pictures=pictures,
        out=out,
        top=top,
        coverage=coverage,
        box_margin=box_margin,
        sort_into=sort_into,
        watch=watch,
        by=by,
        survey=survey,
        as_json=as_json,
    )
    check_table(table, ask, why)
    check_engine_of_table(engine, table, why)
    machines = check_engine(engine, ray_address)
    writes_table = out is not None and not why
    if not writes_table:
        from kerasfg.run.given_paths import find_pictures

        files = find_pictures(pictures)
    if file.suffix == ".keras":
        load_backend()
    from kerasfg.evaluation.answer import check_sets
    from kerasfg.run.predictor import PictureError
    from kerasfg.run.predictor import check_crop
    from kerasfg.run.predictor import load_predictor

    predictor = load_predictor(model, data, answers)
    if coverage is not None:
        check_sets(predictor.prediction_sets)
    if watch:
        watch_folders(predictor, file, table)
        return
    if writes_table:
        write_table(predictor, file, table, machines)
        return
    questions = None
    if ask:
        questions = load_questions(predictor, attributes, attribute)
    check_crop(predictor, files)
    explained = None
    if why:
        explained = Explanations(
            predictor, model, len(files), data, answers, examples, not as_json
        )
    failed = 0
    for file in files:
        nearest = ""
        try:
            if questions is None:
                answer = predictor.predict(file, top, coverage)
            else:
                reply = asker(file)
                answer = predictor.ask(
                    file, questions, reply, top, wrong_answers
                )
            if explained is not None:
                nearest = explained.add(file, answer, as_json)
        except PictureError as error:
            answer = {"file": str(file), "error": " ".join(str(error).split())}
            failed += 1
        if as_json:
            print_json(answer, indent=None)
        else:
            _print_answer(answer)
            print_nearest(nearest)
    if explained is not None:
        explained.write(out, as_json)
    if failed:
        raise ValueError(
            "Each file must be a picture that Pillow decodes. Received: "
            f"{failed} of {len(files)} files that are not, named above"
        )


def _check(model, data, answers):
    """Checks the arguments before the slow import; returns the model's file."""
    from kerasfg.config.names import arguments_named
    from kerasfg.data.sources.place import check_places
    from kerasfg.run.given_paths import find_model

    file = find_model(model)
    if file.suffix == ".keras" and data is not None:
        with arguments_named(directory="data"):
            check_places(data, answers.class_level or 0)
    answers.class_names()
    return file


def _print_answer(answer):
    from kerasfg.evaluation.answer import describe

    console.print(visible(describe(answer)), markup=False, soft_wrap=True)
