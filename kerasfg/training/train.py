"""Trains a classifier by a recipe, from pictures to a run folder."""

from __future__ import annotations

import contextlib
import json
import os
import tomllib
from typing import Any

import keras
import numpy as np

from kerasfg.atomic_file import previous_of
from kerasfg.atomic_file import replacing
from kerasfg.config.attributes import load_attributes
from kerasfg.config.effort import settled
from kerasfg.config.first_weights import without_lost_weights
from kerasfg.config.model import build_model
from kerasfg.config.pixels import load_shared_pixels
from kerasfg.config.places import with_absolute_paths
from kerasfg.config.recipe import Recipe
from kerasfg.config.views import load_shared_views
from kerasfg.data.splits import write_splits
from kerasfg.distributed.processes import SINGLE_PROCESS
from kerasfg.distributed.processes import Processes
from kerasfg.evaluation.evaluate_model import evaluate_model
from kerasfg.evaluation.report.report import read_report
from kerasfg.folder_lock import locked_folder
from kerasfg.hub.address import check_local
from kerasfg.run.beginning import check_classes
from kerasfg.run.beginning import check_resumable
from kerasfg.run.beginning import compare_beginning
from kerasfg.run.beginning import note_not_finite
from kerasfg.run.beginning import write_beginning
from kerasfg.run.familiarity.fit_model import evaluate_familiarity
from kerasfg.run.model_card.write import write_run_card
from kerasfg.run.run_folder import RunFolder
from kerasfg.run.run_folder import write_text
from kerasfg.status import status
from kerasfg.training.devices import check_batch_size
from kerasfg.training.devices import on_devices
from kerasfg.training.finite_loss import LossNotFinite
from kerasfg.training.fit import fit
from kerasfg.training.folds.train_folds import is_folded
from kerasfg.training.folds.train_folds import train_folds
from kerasfg.training.numerics import numerics
from kerasfg.training.setup.batch_size import settled_batch_size
from kerasfg.training.setup.effort_line import effort_line
from kerasfg.training.setup.first_weights import load_first_weights
from kerasfg.training.setup.first_weights import warn_of_known_pictures
from kerasfg.training.setup.latency import within_latency
from kerasfg.training.setup.own_teacher import makes_teacher
from kerasfg.training.setup.own_teacher import shorter_side
from kerasfg.training.setup.own_teacher import train_with_own_teacher
from kerasfg.training.setup.parts import Parts
from kerasfg.training.setup.splits import groups_of
from kerasfg.training.setup.splits import splits_of_run
from kerasfg.training.teacher import TeacherRun
from kerasfg.training.unequal_classes import class_counts
from kerasfg.training.unequal_classes import warn_of_unequal_classes


def train(
    recipe: Recipe | None,
    out: str | os.PathLike[str],
    resume: bool = False,
    verbose: bool = True,
    processes: Processes = SINGLE_PROCESS,
    devices: int | None = None,
) -> dict[str, Any] | None:
    """Trains a classifier and evaluates it.

    With the recipe's effort `best` it trains a teacher first, in `OUT/teacher`,
    if the pictures are large enough and no teacher is given; see
    `kerasfg.config.effort`. A `latency` picks the network; the run folder has
    the recipe with that network. With `folds` there is a training for each
    fold, in `OUT/fold-1` and so on; see `kerasfg.training.folds.train_folds`.

    Several processes may share a training (see `kerasfg.distributed.join`).
    All call this function with the same recipe and need the same pictures. The
    leader process writes the run folder, and reads it to resume a training.

    Args:
        recipe: A `Recipe`. It is ignored with `resume`, which uses the recipe
            in the run folder, and may then be `None`.
        out: The run folder. It must be new or empty or, with `resume`, belong
            to an interrupted training.
        resume: Whether to continue after the last finished epoch. The final
            weights are the same as without the interruption, unless something
            that the training began with has changed: then a warning names each
            difference. Defaults to `False`.
        verbose: Whether to show progress. Defaults to `True`.
        processes: `Processes` that share the training. Defaults to
            `SINGLE_PROCESS`.
        devices: Number of devices to use in each process; all processors
            together count as one device. Defaults to `None`: all devices.

    Returns:
        The report, a dictionary; see
        `kerasfg.evaluation.evaluate_model.evaluate_model`; with `folds` that of
        `kerasfg.evaluation.report.folds`. `None` in processes other than the
        leader.

    Raises:
        ValueError: If the folder is in use, the pictures, the table of
            attributes or the teacher do not fit the recipe, several processes
            would have to make a teacher, the network cannot be built, a batch
            cannot be divided among the devices, or the loss becomes infinite
            or NaN.
    """
    check_local(out, "out")
    run = RunFolder(out)
    if resume and processes.is_leader:
        run.read_recipe()  # before there is a folder with a lock
    with _held(run, processes):
        if not resume and recipe.model.latency:
            if processes.is_leader:
                run.check_free()
            recipe = within_latency(recipe, processes, verbose)
        if is_folded(run, recipe, resume, processes):
            return train_folds(run, recipe, resume, train, verbose, devices)
        if makes_teacher(run, recipe, resume, processes):
            return train_with_own_teacher(
                run, recipe, resume, _train, verbose, devices
            )
        return _train(run, recipe, resume, verbose, processes, devices)


def _held(run, processes):
    if processes.is_leader:
        return locked_folder(run.path, "training")
    return contextlib.nullcontext()


def _train(run, recipe, resume, verbose, processes, devices, parts=None):
    verbose = verbose and processes.is_leader
    asked = recipe
    recipe, has_ended = _begin(run, recipe, resume, processes)
    if has_ended:
        return read_report(run.report) if processes.is_leader else None
    teacher, pixel_recipe = None, recipe
    if recipe.teacher.run:
        with status("Loading the teacher", verbose):
            teacher = TeacherRun(recipe, processes)
            if not recipe.augmentation.view_count:
                pixel_recipe = teacher.pictures_for(recipe)
                teacher.network  # noqa: B018 it is loaded here, not in a step
    pixels = load_shared_pixels(pixel_recipe, processes, verbose)
    if parts is None:
        # Printed when pictures are read and, without views, the network built.
        line = "" if resume else effort_line(asked, shorter_side(pixels))
        parts = Parts({}, verbose, line)
    if resume and processes.is_leader:
        check_classes(run, pixels.class_names)
    groups = None
    if processes.is_leader:
        groups = groups_of(pixels, recipe, verbose)
    splits = splits_of_run(run, pixels, recipe, processes, groups)
    if teacher:
        teacher.check_pictures(pixels, splits)
    train_labels = pixels.labels[splits == "train"]
    _check_balanced(recipe.training, train_labels)
    if processes.is_leader:
        counts = class_counts(pixels, splits)
        warn_of_unequal_classes(recipe.training, counts, pixels.class_names)
    attributes = load_attributes(recipe, pixels.class_names)
    if resume and processes.is_leader:
        compare_beginning(run, recipe, pixels, attributes)
    views = None
    if recipe.augmentation.view_count:
        if not resume:  # mistakes are found before the views are made
            with status("Building the network", verbose):
                first = build_model(recipe, pixels.class_names, attributes)
                load_first_weights(first, recipe, processes, verbose=False)
                del first
        parts.begin("views")
        rows = np.flatnonzero(splits == "train")
        given = recipe, pixels, rows, processes, teacher, verbose
        views, teacher = load_shared_views(*given), None  # asked already
    with numerics(recipe.training), on_devices(devices) as device_count:
        check_batch_size(recipe.training, len(train_labels), device_count)
        goes_on = _has_checkpoint(run, processes)  # it has all weights
        built = without_lost_weights(recipe) if goes_on else recipe
        with status("Building the network", verbose):
            model = build_model(built, pixels.class_names, attributes)
        parts.begin("student")
        if not goes_on:
            load_first_weights(model, recipe, processes, verbose)
            if processes.is_leader:
                warn_of_known_pictures(recipe, pixels, splits)
        if recipe.training.batch_size == "auto":
            given = recipe, model, train_labels, device_count
            settled = settled_batch_size(*given, processes, verbose)
            recipe = recipe.with_options(**settled)
            pixel_recipe = pixel_recipe.with_options(**settled)
        # The run folder is written only after all arguments are checked.
        if processes.is_leader and not run.begun.exists():
            _write_beginning(run, recipe, pixels, splits)
            write_beginning(run, recipe, pixels, attributes)
        processes.wait("model")
        inputs = pixel_recipe, pixels, splits
        with _noting_losses(run, recipe, processes):
            fit(model, *inputs, run, verbose, processes, teacher, views)
    processes.leave()
    if not processes.is_leader:
        return None
    with replacing(run.model) as temporary_path:
        model.save(temporary_path)
    if device_count > 1:  # the evaluation uses one device
        model = keras.saving.load_model(run.model, compile=False)
    familiarity = evaluate_familiarity(
        run, model, pixels, splits, verbose=verbose
    )
    with status("Evaluating on the test pictures", verbose):
        report = evaluate_model(
            model,
            pixels,
            splits,
            run.path,
            run.history,
            attributes,
            groups=groups.summary,  # pyright: ignore[reportOptionalMemberAccess]
            group_ids=groups.ids,  # pyright: ignore[reportOptionalMemberAccess]
            familiarity=familiarity,
        )
    run.write_manifest(recipe, report)
    write_run_card(run)
    run.remove_leftovers()
    return report


def _begin(run, recipe, resume, processes):
    """Returns the recipe to use, and whether its training has ended."""
    if not resume:
        if processes.is_leader:
            run.check_free()
        return settled(with_absolute_paths(recipe)), False
    begun = {}
    if processes.is_leader:
        found = run.read_recipe()
        begun["recipe"] = found.to_toml()
        run.remove_leftovers()
        begun["ended"] = run.manifest.exists()
        check_resumable(run, found)
    begun = json.loads(processes.share(json.dumps(begun).encode()))
    values = tomllib.loads(begun["recipe"])
    return Recipe.from_values(values), begun["ended"]


def _has_checkpoint(run, processes):
    files = run.checkpoint, previous_of(run.checkpoint)
    found = any(file.exists() for file in files)
    return processes.share(b"1" if found else b"0") == b"1"


@contextlib.contextmanager
def _noting_losses(run, recipe, processes):
    try:
        yield
    except LossNotFinite as error:
        if processes.is_leader:
            note_not_finite(run, recipe, error.epoch)
        raise


def _write_beginning(run, recipe, pixels, splits):
    # The recipe comes first, since it makes the folder a run folder.
    if run.recipe.is_file():  # of `best`, from before its teacher
        # Not the copy in the folder, which may be moved.
        given = Recipe.from_toml(run.recipe).data.leave_out
        recipe = recipe.with_options(leave_out=given)
        write_text(run.recipe, run.movable(recipe).to_toml())
    else:
        run.write_recipe(recipe)
    write_splits(run.splits, pixels.names, splits)
    write_text(run.labels, "\n".join(pixels.class_names) + "\n")


def _check_balanced(settings, labels):
    """Checks that there are enough classes for a balanced batch."""
    classes = len(np.unique(labels))
    if settings.batch_size == "auto":  # it will fit
        return
    if settings.balanced and settings.batch_size > settings.balanced * classes:
        raise ValueError(
            "A balanced batch holds `batch_size` / `balanced` classes, and "
            "there must be as many: lower `batch_size` or raise `balanced`. "
            f"Received: batch_size={settings.batch_size}, "
            f"balanced={settings.balanced}, {classes} classes"
        )
