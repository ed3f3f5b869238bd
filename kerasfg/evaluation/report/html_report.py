"""Writes one HTML page that compares trained runs."""

from pathlib import Path

import jinja2
from markupsafe import Markup

from kerasfg.atomic_file import replacing
from kerasfg.evaluation.report.html_page import how_sure_tables
from kerasfg.evaluation.report.html_page import line_chart
from kerasfg.evaluation.report.html_page import other_tables
from kerasfg.evaluation.report.html_page import result_tables
from kerasfg.evaluation.report.html_page import uncertainty_tables
from kerasfg.evaluation.report.html_page.distance_tables import distance_tables
from kerasfg.evaluation.report.html_page.foreign_table import foreign_table
from kerasfg.evaluation.report.html_page.same_recipe import same_recipe
from kerasfg.evaluation.report.html_page.saved_run import PICTURES
from kerasfg.evaluation.report.html_page.saved_run import read_run
from kerasfg.evaluation.report.html_page.table import Interval
from kerasfg.evaluation.report.html_page.template import content_hash
from kerasfg.evaluation.report.html_page.template import page_environment
from kerasfg.evaluation.report.html_page.template import page_file
from kerasfg.write_errors import make_folder

COLORS = 8
# Errors that reading a file with unexpected contents can raise.
MALFORMED = (
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
    jinja2.UndefinedError,
)


def write_html_report(paths, filepath, folds=None):
    """Writes a page that compares trained runs.

    The page is a single file that loads no other file and runs no script. It
    contains the sheets of mistakes, and so pictures of the user.

    Args:
        paths: Run folders that `kerasfg train` wrote.
        filepath: Path of the page.
        folds: The content of `folds.json`, if the runs are the folds of a
            cross-validation, to show first. Defaults to `None`.

    Returns:
        Dict that can be written as strict JSON: `runs`, a list of dicts with
        `name`, `top_1` and `top_1_interval`, and `recipes`, a list of dicts
        with `runs` (names of runs that differ only in the seed) and `top_1`,
        the result of
        `kerasfg.evaluation.metrics.mean_and_spread.mean_and_spread`.

    Raises:
        ValueError: If the page is not an `.html` file, there is no folder, a
            folder is given twice, or a folder does not hold a trained run.
    """
    if Path(filepath).suffix not in (".html", ".htm"):
        raise ValueError(
            "The page must be an .html file, so that no other file is "
            f"overwritten. Received: out={str(filepath)!r}"
        )
    names = _names(paths)
    runs = [read_run(*pair) for pair in zip(paths, names, strict=True)]
    try:
        page, groups = html_report(runs, folds), same_recipe(runs)
    except MALFORMED as error:
        raise ValueError(
            "The files of a run must be those that `kerasfg train`, `evaluate` "
            f"and `export` write ({error!r}). Evaluate the runs again. "
            f"Received: runs={names}"
        ) from error
    make_folder(Path(filepath).parent)
    with replacing(filepath) as temporary_path:
        temporary_path.write_bytes(page.encode("utf-8"))
    return {
        "runs": [
            {
                "name": run.name,
                "top_1": run.test["top_1"],
                "top_1_interval": run.test["top_1_interval"],
            }
            for run in runs
        ],
        "recipes": [
            {
                "runs": [run.name for run in group.runs],
                "top_1": group.summary(lambda run: run.test["top_1"]),
            }
            for group in groups
        ],
    }


def html_report(runs, folds=None):
    """Returns the text of the page; see `write_html_report`.

    Args:
        runs: List of `SavedRun`.
        folds: As of `write_html_report`. Defaults to `None`.
    """
    style = page_file("report.css")
    environment = page_environment()
    environment.tests["interval"] = lambda cell: isinstance(cell, Interval)
    template = environment.from_string(page_file("report.html.jinja"))
    return template.render(
        style=Markup(style),
        style_hash=content_hash(style),
        colors=COLORS,
        titles=PICTURES,
        folds=how_sure_tables.folds_tables(folds) if folds else None,
        **_contents(runs),
    )


def _contents(runs):
    groups = same_recipe(runs)
    exports = [other_tables.export_table(run) for run in runs]
    return {
        "runs": runs,
        "groups": groups,
        "same_classes": len({tuple(run.report["classes"]) for run in runs})
        == 1,
        "same_pictures": len({run.tested for run in runs}) == 1,
        "accuracy": result_tables.accuracy_table(runs),
        "other_accuracies": result_tables.other_accuracies_table(runs),
        "together": other_tables.groups_table(runs),
        "seeds": result_tables.seeds_table(groups),
        "settings": other_tables.settings_table(groups),
        "calibration": result_tables.calibration_table(runs),
        "levels": uncertainty_tables.levels_table(runs),
        "foreign": foreign_table(runs),
        "questions": uncertainty_tables.questions_table(runs),
        "sets": uncertainty_tables.sets_table(runs),
        "slices": how_sure_tables.slices_tables(runs),
        "thresholds": how_sure_tables.thresholds_tables(runs),
        "learning": line_chart.learning_curves(groups),
        "farther": line_chart.resolution_curves(groups),
        "resolutions": result_tables.resolution_table(runs),
        "away": line_chart.distance_curves(groups),
        "distances": distance_tables(runs),
        "classes": result_tables.class_table(runs),
        "attributes": result_tables.attribute_table(runs),
        "exports": list(zip(runs, exports, strict=True)),
        "apps": list(filter(None, map(other_tables.clients_table, runs))),
        "pairs": [result_tables.pair_table(run) for run in runs],
    }


def _names(paths):
    """Returns the folder names, or the paths if two names are equal."""
    resolved = [Path(path).resolve() for path in paths]
    if not resolved or len(set(resolved)) < len(resolved):
        raise ValueError(
            "Name at least one run folder, and each of them once. "
            f"Received: runs={[str(path) for path in paths]}"
        )
    names = [path.name for path in resolved]
    if len(set(names)) < len(names):
        return [str(path) for path in paths]
    return names
