"""`kerasfg report` and `tsne`: trained runs side by side."""

from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
from kerasfg_cli.app import print_place
from kerasfg_cli.evaluate import check_runs
from kerasfg_cli.options import Attribute
from kerasfg_cli.options import Attributes
from kerasfg_cli.options import Json
from kerasfg_cli.options import MovedData
from kerasfg_cli.options import load_backend
from kerasfg_cli.options import print_json
from kerasfg_cli.options import register_bare_package


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
    check_runs(runs, data, attributes)
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
