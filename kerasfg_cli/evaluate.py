"""`kerasfg evaluate`, `report` and `tsne`."""

from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
from kerasfg_cli.app import print_place
from kerasfg_cli.options import Attribute
from kerasfg_cli.options import Attributes
from kerasfg_cli.options import Json
from kerasfg_cli.options import MovedData
from kerasfg_cli.options import Run
from kerasfg_cli.options import load_backend
from kerasfg_cli.options import print_json
from kerasfg_cli.options import register_bare_package
from kerasfg_cli.options import whole_numbers


@app.command(epilog="Example: `kerasfg evaluate run --json`")
def evaluate(
    run: Run,
    data: MovedData = None,
    attributes: Attributes = None,
    attribute: Attribute = None,
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
    as_json: Json = False,
):
    """Evaluate a trained model on the test pictures of its split."""
    sizes = whole_numbers(resolutions, "--resolutions")
    _check_runs([run], data, attributes)
    load_backend("keras_hub")
    from kerasfg.evaluation.report.report import print_report
    from kerasfg.run import TrainedRun

    trained = TrainedRun(run, data, verbose=not as_json)
    table = trained.read_attributes(attributes, attribute or ())
    if attention_maps:
        trained.plot_attention()
    curve = trained.resolution_curve(sizes) if sizes else None
    report = trained.evaluate(table, curve)
    if as_json:
        print_json(report)
    else:
        print_report(report, console)
        print_place("Report and pictures are in", run)


@app.command(epilog="Example: `kerasfg report run-1 run-2 --out report.html`")
def report(
    runs: Annotated[
        list[Path], typer.Argument(help="Run folders of trainings.")
    ],
    out: Annotated[Path, typer.Option(help="HTML page to write.")],
    as_json: Json = False,
):
    """Compare trained runs on one page. The page contains your pictures."""
    register_bare_package()
    from kerasfg.evaluation.report.html_report import write_html_report

    result = write_html_report(runs, out)
    if as_json:
        print_json(result)
    else:
        print_place("The page is", out)


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
    data: MovedData = None,
    seed: Annotated[
        int,
        typer.Option(
            min=0, help="Seed of the t-SNE and of the choice of ten classes."
        ),
    ] = 0,
    as_json: Json = False,
):
    """Draw the features of trained models, by class and by attribute."""
    register_bare_package()
    from kerasfg.run.given_paths import check_figure_file

    check_figure_file(out)
    _check_runs(runs, data, attributes)
    load_backend("keras_hub")
    from kerasfg.evaluation.metrics.silhouette import print_silhouettes
    from kerasfg.run.features import plot_features

    scores = plot_features(
        runs, out, attributes, attribute or (), data, seed, not as_json
    )
    if as_json:
        print_json(scores)
    else:
        print_silhouettes(scores, console)
        print_place("The picture is", out)


def _check_runs(runs, data, attributes):
    """Checks the arguments before the slow import of TensorFlow."""
    register_bare_package()
    from kerasfg.config.places import check_attribute_table
    from kerasfg.config.places import check_pictures
    from kerasfg.run.run_folder import RunFolder

    moved = {} if data is None else {"data": str(data)}
    given = {} if attributes is None else {"attributes": attributes}
    for run in map(RunFolder, runs):
        run.check_trained()
        recipe = run.read_recipe().with_options(**moved, **given)
        check_pictures(recipe.data)
        if given:  # otherwise the model has its own
            check_attribute_table(recipe.attributes)
