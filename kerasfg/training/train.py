"""Training by a recipe, from pictures to a run folder."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasfg.atomic_file import replacing
from kerasfg.config.attributes import load_attributes
from kerasfg.config.attributes import packaged_attributes
from kerasfg.config.model import build_model
from kerasfg.config.pixels import load_shared_pixels
from kerasfg.config.recipe import Recipe
from kerasfg.data.sources.published.catalog import with_absolute_folder
from kerasfg.data.splits import assign_splits
from kerasfg.data.splits import keep_share
from kerasfg.data.splits import write_splits
from kerasfg.distributed.processes import SINGLE_PROCESS
from kerasfg.distributed.processes import Processes
from kerasfg.evaluation.evaluate import evaluate
from kerasfg.evaluation.report.report import read_report
from kerasfg.run.run_folder import RunFolder
from kerasfg.run.run_folder import write_text
from kerasfg.training.devices import check_batch_size
from kerasfg.training.devices import on_devices
from kerasfg.training.fit import fit
from kerasfg.training.numerics import numerics
from kerasfg.training.teacher import TeacherRun


def train(
    recipe: Recipe | None,
    out: str | os.PathLike[str],
    resume: bool = False,
    verbose: bool = True,
    processes: Processes = SINGLE_PROCESS,
    devices: int | None = None,
) -> dict[str, Any] | None:
    """Trains a classifier and evaluates it.

    Several processes may share a training (see `kerasfg.distributed.join`):
    all call this with the same recipe, each finds the same pictures, the first
    of them writes the run folder and tells the others of an interrupted one.

    Args:
        recipe: A `Recipe`. With `resume` it may be `None`, and the one in the
            run folder is followed.
        out: The run folder: new or empty, or, with `resume`, one of a training
            that was interrupted.
        resume: Whether to go on from the last finished epoch. The weights at
            the end are those of a training that was not interrupted.
        verbose: Whether to show progress.
        processes: Those that share the training, `Processes`. Defaults to
            `SINGLE_PROCESS`.
        devices: How many devices of each process to use. Defaults to `None`:
            all. Processors count as one, GPUs as one each.

    Returns:
        The report, a dictionary; see `kerasfg.evaluation.evaluate`. `None` in
        a process other than the first.

    Raises:
        ValueError: If the folder is in use, the pictures, the table of
            attributes or the teacher do not do, the recipe's network cannot be
            built, or a batch cannot be divided among the devices.
    """
    run = RunFolder(out)
    verbose = verbose and processes.is_leader
    recipe, has_ended = _begin(run, recipe, resume, processes)
    if has_ended:
        return read_report(run.report) if processes.is_leader else None
    teacher, seen = None, recipe
    if recipe.teacher.teacher:
        teacher = TeacherRun(recipe, processes)
        seen = teacher.pictures_for(recipe)
    pixels = load_shared_pixels(seen, processes, verbose)
    splits = _splits(run, pixels, recipe, processes)
    if teacher:
        teacher.check_pictures(pixels, splits)
    train_labels = pixels.labels[splits == "train"]
    _check_balanced(recipe.training, train_labels)
    attributes = load_attributes(recipe, pixels.class_names)
    with numerics(recipe.training), on_devices(devices) as shares:
        check_batch_size(recipe.training, len(train_labels), shares)
        model = build_model(recipe, pixels.class_names, attributes)
        # All that can be wrong with what was given has been checked by now.
        if processes.is_leader:
            _write_beginning(run, recipe, pixels, splits)
        processes.wait("model")
        fit(model, seen, pixels, splits, run, verbose, processes, teacher)
    processes.leave()
    if not processes.is_leader:
        return None
    with replacing(run.model) as temporary_path:
        model.save(temporary_path)
    if shares > 1:  # one device evaluates
        model = keras.saving.load_model(run.model, compile=False)
    report = evaluate(model, pixels, splits, run.path, run.history, attributes)
    write_text(run.metadata, json.dumps(_card(recipe, report), indent=2) + "\n")
    run.remove_leftovers()
    return report


def _begin(run, recipe, resume, processes):
    """The recipe to follow, and whether its training had ended before."""
    if not resume:
        if processes.is_leader:
            run.check_free()
        return with_absolute_paths(recipe), False
    begun = {}
    if processes.is_leader:
        begun["recipe"] = run.read_recipe().to_toml()
        run.remove_leftovers()
        begun["ended"] = run.metadata.exists()
    begun = json.loads(processes.share(json.dumps(begun).encode()))
    values = tomllib.loads(begun["recipe"])
    return Recipe.from_values(values), begun["ended"]


def _write_beginning(run, recipe, pixels, splits):
    run.path.mkdir(parents=True, exist_ok=True)
    write_text(run.recipe, recipe.to_toml())  # first: it makes a run of it
    write_splits(run.splits, pixels.names, splits)
    write_text(run.labels, "\n".join(pixels.class_names) + "\n")


def _card(recipe, report):
    """What must travel with the model so that it can be used."""
    fraction = recipe.data.crop_fraction
    return {
        "format": 1,
        "image_size": recipe.data.image_size,
        "crop": recipe.data.crop,
        **({} if fraction == 1 else {"crop_fraction": fraction}),
        "filter": "bicubic",
        "class_names": report["classes"],
        "temperature": report["temperature"],
        "threshold": report["threshold"],
    }


def with_absolute_paths(recipe):
    """Returns a recipe that finds its files from anywhere.

    Args:
        recipe: A `Recipe`.
    """
    given = {
        "data": recipe.data.data,
        "attributes": recipe.attributes.attributes,
    }
    absolute = {
        key: with_absolute_folder(value)
        for key, value in given.items()
        if value not in ("", "field_guide")
        and not value.startswith("tfds:")
        and packaged_attributes(value) is None
    }
    if recipe.teacher.teacher:
        absolute["teacher"] = str(Path(recipe.teacher.teacher).absolute())
    return recipe.with_options(**absolute)


def _check_balanced(settings, labels):
    """Checks that there are as many classes as a balanced batch holds."""
    classes = len(np.unique(labels))
    if settings.balanced and settings.batch_size > settings.balanced * classes:
        raise ValueError(
            "A balanced batch holds batch_size / balanced classes, and there "
            "must be as many: lower batch_size or raise balanced. "
            f"Received: batch_size={settings.batch_size}, "
            f"balanced={settings.balanced}, {classes} classes"
        )


def _splits(run, pixels, recipe, processes):
    """The split of the run folder, or a new one."""
    if not processes.is_leader:
        splits = []
    elif run.splits.exists():
        splits = run.read_splits(pixels.names)
    else:
        splits = split_of(pixels, recipe)
    return np.array(
        processes.share("\n".join(splits).encode()).decode().split("\n")
    )


def split_of(pixels, recipe):
    """Returns the split of each picture that a new run of a recipe has.

    Args:
        pixels: A `kerasfg.data.PixelCache`.
        recipe: A `Recipe`.
    """
    seed = recipe.training.seed
    splits = assign_splits(
        pixels.labels,
        pixels.splits,
        pixels.groups,
        seed=seed,
        class_names=pixels.class_names,
        val_share=recipe.data.val_share,
    )
    return keep_share(splits, pixels.labels, recipe.data.train_share, seed)
