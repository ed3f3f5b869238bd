"""`kerasfg train`.

The options that change a recipe are described in `kerasfg/config/sections/`.
"""

import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.app import app
from kerasfg_cli.app import console
from kerasfg_cli.app import error_console
from kerasfg_cli.app import print_next
from kerasfg_cli.app import print_place
from kerasfg_cli.engine_options import Engine
from kerasfg_cli.engine_options import RayAddress
from kerasfg_cli.engine_options import check_engine
from kerasfg_cli.options import Json
from kerasfg_cli.options import hint_at_folds
from kerasfg_cli.options import hint_at_resume
from kerasfg_cli.options import load_backend
from kerasfg_cli.options import print_json
from kerasfg_cli.options import register_bare_package
from kerasfg_cli.processes import SHARING
from kerasfg_cli.processes import Coordinator
from kerasfg_cli.processes import Devices
from kerasfg_cli.processes import Distributed
from kerasfg_cli.processes import LocalProcesses
from kerasfg_cli.processes import NumProcesses
from kerasfg_cli.processes import ProcessId
from kerasfg_cli.processes import Workers
from kerasfg_cli.processes import become_worker
from kerasfg_cli.processes import check_ways
from kerasfg_cli.processes import reporting_run_folder
from kerasfg_cli.processes import train_in_processes
from kerasfg_cli.ray_workers import train_in_ray_workers
from kerasfg_cli.recipe_options import RecipeCommand
from kerasfg_cli.text import visible


@app.command(
    cls=RecipeCommand,
    epilog="Example: `kerasfg train --data photos --out run --image-size 64`",
)
def train(
    context: typer.Context,
    recipe: Annotated[
        Path | None,
        typer.Argument(
            help="A TOML file, or the name of a recipe in the package; the "
            "options below change it."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Run folder to write.  [default: runs/DATA-SIZEpx]"),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(help="Run folder of an interrupted training to resume."),
    ] = None,
    devices: Devices = None,
    coordinator: Coordinator = None,
    num_processes: NumProcesses = None,
    process_id: ProcessId = None,
    distributed: Distributed = False,
    local_processes: LocalProcesses = None,
    engine: Engine = None,
    ray_address: RayAddress = None,
    workers: Workers = None,
    as_json: Json = False,
):
    """Train a classifier on a folder of pictures, and evaluate it."""
    given = context.params
    sharing = {
        key: given[key]
        for key in SHARING
        if given[key] is not None and given[key] is not False
    }
    check_ways(engine, sharing)
    settings = _settings(recipe, context.obj, out, resume)
    out = resume or out or _free_run_folder(settings.data)
    if resume and _has_ended(resume):
        _print_ended(resume, as_json)
        return
    _check_places(settings, out, resume, sharing)
    machines = None if _is_worker() else check_engine(engine, ray_address)
    if workers and machines:
        more = ["--engine", "ray", "--workers", str(workers)]
        more += ["--devices", str(devices)] if devices else []
        more += ["--json"] * as_json
        given = sys.argv[1:], out, workers, ray_address, resume, more
        train_in_ray_workers(*given)
        return
    if sharing and not _is_worker():
        train_in_processes(**sharing)
        return
    _train(settings, out, resume, devices, sharing, as_json, machines)


def _is_worker():
    from kerasfg.distributed.worker import is_worker

    return is_worker()


def _settings(recipe, options, out, resume):
    """Returns the recipe, changed by the options that were typed."""
    if resume and (options or recipe or out):
        raise typer.BadParameter(
            "it uses the recipe of the run folder: give no other option",
            param_hint="--resume",
        )
    if not resume and not recipe and "data" not in options:
        raise typer.BadParameter(
            "name a folder with one folder of pictures per class, or a recipe",
            param_hint="--data",
        )
    register_bare_package()
    from kerasfg.config.effort import DEFAULT
    from kerasfg.config.idle_options import idle_options
    from kerasfg.config.names import arguments_named
    from kerasfg.config.recipe import Recipe
    from kerasfg.run.run_folder import RunFolder

    if resume:
        if not RunFolder(resume).recipe.is_file():
            raise ValueError(
                "There is no training to resume: its folder gets a recipe.toml "
                "when the first epoch begins. If it was stopped before, run "
                "its command again; pixels and views that were made are kept. "
                f"Received: resume={str(resume)!r}"
            )
        with arguments_named(run="resume"):
            return RunFolder(resume).read_recipe()
    # A recipe file without an effort means what it meant before there was one.
    base = (
        Recipe.find(recipe) if recipe else Recipe().with_options(effort=DEFAULT)
    )
    settings = base.with_options(**options)
    for sentence in idle_options(settings, options):
        warnings.warn(sentence, stacklevel=1)
    return settings


def _check_places(settings, out, resume, sharing):
    """Checks the arguments before the slow import of TensorFlow."""
    from kerasfg.config.effort import NOT_SHARED
    from kerasfg.config.effort import wants_teacher
    from kerasfg.config.latency.choice import check_latency
    from kerasfg.config.names import arguments_named
    from kerasfg.config.places import check_attribute_table
    from kerasfg.config.places import check_pictures
    from kerasfg.folder_lock import check_unlocked
    from kerasfg.hub.address import check_local
    from kerasfg.run.beginning import check_resumable
    from kerasfg.run.given_paths import check_first_weights
    from kerasfg.run.run_folder import RunFolder

    check_local(out, "resume" if resume else "out")
    run = RunFolder(out)
    if not sharing:  # otherwise process 0 does it
        check_unlocked(run.path)
    if not resume and not sharing:
        run.check_free()
    if resume:
        check_resumable(run, settings)
    check_pictures(settings.data)
    check_attribute_table(settings.attributes)
    if not resume:  # otherwise a checkpoint may have them
        check_latency(settings)
        check_first_weights(settings)
    if wants_teacher(settings):
        if sharing:
            raise ValueError(NOT_SHARED)
    elif settings.teacher.run and not run.has_own_teacher(settings):
        with arguments_named(run="teacher"):
            RunFolder(settings.teacher.run).check_trained()


def _has_ended(run):
    from kerasfg.run.run_folder import RunFolder

    run = RunFolder(run)
    return run.manifest.exists() or run.folds.exists()


def _print_ended(run, as_json):
    """Prints the report of a training that needs no resuming."""
    from kerasfg.evaluation.report.folds import print_folds
    from kerasfg.evaluation.report.folds import read_folds
    from kerasfg.evaluation.report.report import print_report
    from kerasfg.evaluation.report.report import read_report
    from kerasfg.run.run_folder import RunFolder

    folder, show = RunFolder(run), print_report
    if folder.folds.exists():
        report, show = read_folds(folder.folds), print_folds
    else:
        report = read_report(folder.report)
    error_console.print(
        f"The training of {visible(run)} has ended already. Its report:",
        markup=False,
    )
    if as_json:
        print_json(report)
        return
    try:
        show(report, console)
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ValueError(
            f"report.json is not one of `kerasfg train` ({error!r}): evaluate "
            f"the run again. Received: resume={str(run)!r}"
        ) from error


def _train(settings, out, resume, devices, sharing, as_json, machines):
    options = {"devices": devices, "verbose": not as_json}
    if sharing:
        options["processes"] = become_worker()
    load_backend("keras_hub")
    from kerasfg.data.progress import spread_by
    from kerasfg.evaluation.report.folds import print_folds
    from kerasfg.evaluation.report.report import print_report
    from kerasfg.run.evaluation import warn_of_chance
    from kerasfg.training import train

    recipe = None if resume else settings
    try:
        with reporting_run_folder(out, sharing), spread_by(machines):
            report = train(recipe, out, resume is not None, **options)
    except KeyboardInterrupt:
        hint_at_resume(out)
        raise
    if report is None:  # only process 0 has it
        return
    if as_json:
        print_json(report)
        return
    if "folds" in report:
        print_folds(report, console)
        print_place("The runs and folds.html are in", out)
        return
    print_report(report, console)
    warn_of_chance(report)
    hint_at_folds(report, settings.data)
    print_place("Model, report and pictures are in", out)
    print_next("kerasfg", "export", out, "--out", f"{out}/export")


def _free_run_folder(data):
    place = Path(data.places[0].rpartition(":")[2]).resolve()
    name = place.name if place.is_dir() else place.stem
    stem = f"runs/{name}-{data.image_size}px"
    out, number = Path(stem), 1
    while out.exists():
        number += 1
        out = Path(f"{stem}-{number}")
    return out
