"""Cross-validation: several trainings that together test every picture."""

from __future__ import annotations

import json
import time

import keras
import numpy as np

from kerasfg.atomic_file import replacing
from kerasfg.config.effort import OWN_TEACHER
from kerasfg.config.effort import settled
from kerasfg.config.effort import teacher_recipe
from kerasfg.config.effort import teacher_size
from kerasfg.config.effort import wants_teacher
from kerasfg.config.pixels import load_pixels
from kerasfg.config.pixels import quietly
from kerasfg.config.places import with_absolute_paths
from kerasfg.data.batches.pipeline import evaluation_batches
from kerasfg.data.groups import find_groups
from kerasfg.data.splits import read_splits
from kerasfg.evaluation.metrics.classification import classification_metrics
from kerasfg.evaluation.metrics.mean_and_spread import mean_and_spread
from kerasfg.evaluation.plots import plot_confusion
from kerasfg.evaluation.report.folds import FORMAT
from kerasfg.evaluation.report.folds import read_folds
from kerasfg.evaluation.report.html_report import write_html_report
from kerasfg.run.run_folder import RunFolder
from kerasfg.run.trained_run import TrainedRun
from kerasfg.status import status
from kerasfg.training.folds.fold_splits import fold_splits
from kerasfg.training.setup.known_pictures import known_pictures
from kerasfg.training.setup.own_teacher import shorter_side
from kerasfg.training.setup.own_teacher import training_pictures
from kerasfg.training.setup.part_times import part_seconds
from kerasfg.training.setup.part_times import training_seconds
from kerasfg.training.setup.parts import duration
from kerasfg.training.setup.parts import print_line


def is_folded(run, recipe, resume, processes):
    """Returns whether a training is one of several folds.

    Args:
        run: The `RunFolder`.
        recipe: The `Recipe`; with `resume` it is that of the folder.
        resume: Whether an interrupted training is resumed.
        processes: `Processes` that share the training.

    Raises:
        ValueError: If several processes would share it.
    """
    if resume:
        if not processes.is_leader:
            return False
        recipe = run.read_recipe()
    folded = bool(recipe.data.folds) and not recipe.data.fold
    if folded and processes.count > 1:
        raise ValueError(
            "Folds are trained in one process, one after another: leave out "
            f"`folds`. Received: folds={recipe.data.folds}, "
            f"{processes.count} processes"
        )
    return folded


def train_folds(run, recipe, resume, train_one, verbose=True, devices=None):
    """Trains a network for each fold, in `RUN/fold-1` and so on.

    Each is a run folder of its own, whose test pictures are those of its fold.
    With `resume`, folds that have ended stay as they are.

    Args:
        run: The `RunFolder` of all folds, whose lock is held.
        recipe: The `Recipe`; with `resume` it is that of the folder.
        resume: Whether an interrupted training is resumed.
        train_one: `kerasfg.training.train`.
        verbose: Whether to show progress. Defaults to `True`.
        devices: Number of devices to use. Defaults to `None`: all.

    Returns:
        Dictionary as `kerasfg.evaluation.report.folds` describes it.

    Raises:
        ValueError: See `kerasfg.training.train`; or if pictures have changed
            since the first fold, and another one is to begin.
    """
    if resume:
        # A teacher of its own is in the folder of each fold.
        recipe = run.movable(run.read_recipe())
        if run.folds.exists():
            return read_folds(run.folds)
    else:
        run.check_free()
        recipe = with_absolute_paths(recipe)
    count, ended = recipe.data.folds, 0
    parts = [RunFolder(run.path / f"fold-{i + 1}") for i in range(count)]
    if not resume:
        _plan(recipe, verbose)
        # Options that are left open are settled for each fold by the effort.
        run.write_recipe(recipe, whole=False)
    start = time.monotonic()
    for number, part in enumerate(parts, 1):
        if part.manifest.exists():
            print_line(f"Fold {number} of {count}: done", verbose)
            continue
        left = ""
        if ended:
            seconds = (time.monotonic() - start) / ended * (count - number + 1)
            left = f"; about {duration(seconds)} for what is left"
        print_line(f"Fold {number} of {count}{left}", verbose)
        drawn = part.splits, RunFolder(part.teacher).splits
        if not any(file.exists() for file in drawn):
            _check_same(parts[: number - 1], recipe)
        keras.utils.clear_session()
        train_one(
            recipe.with_options(fold=number),
            part.path,
            part.recipe.is_file(),
            verbose,
            devices=devices,
        )
        ended += 1
    with status("Putting the folds together", verbose):
        report = _together(parts, recipe)
    _write(report, run, parts)
    return report


def _plan(recipe, verbose):
    """Prints beforehand what there is to do and how long it takes."""
    pixels = load_pixels(recipe.data, verbose, recipe.training.seed)
    _check_teacher(recipe, pixels)
    folds = recipe.data.folds
    with status("Timing a few steps", verbose):
        seconds = folds * _seconds_of_one(recipe, pixels)
    print_line(
        f"{folds} trainings, each tested on another part of the "
        f"{len(pixels):,} pictures: about {duration(seconds)} on this machine.",
        verbose,
    )


def _check_teacher(recipe, pixels):
    """Checks that a given teacher was trained on none of the pictures."""
    run = recipe.teacher.run
    if run in ("", OWN_TEACHER) or not RunFolder(run).splits.is_file():
        return
    tested = ["test"] * len(pixels)  # each is, in one of the folds
    seen = known_pictures(RunFolder(run), recipe, pixels.names, tested)
    if seen:
        raise ValueError(
            "With `folds` each picture is tested, so no teacher may have been "
            "trained on any: leave out `teacher` and set `effort` to 'best', "
            "which trains a teacher for each fold. "
            f"Received: folds={recipe.data.folds}, teacher={run!r}, trained "
            f"on {len(seen)} of these pictures, such as {seen[0]!r}"
        )


def _check_same(parts, recipe):
    """Checks that the folds so far are folds of the pictures as they are now.

    Of other pictures others would be drawn, and some tested twice or never.
    """
    begun = {n: p.splits for n, p in enumerate(parts, 1) if p.splits.is_file()}
    if not begun:
        return
    data, seed = recipe.data, recipe.training.seed
    with quietly():
        pixels = load_pixels(data, False, seed)
    groups = find_groups(pixels, data.group_by, data.join_copies, False)
    for number, file in begun.items():
        known = read_splits(file, pixels.names)
        changed = sorted(known.keys() ^ set(pixels.names))
        if not changed:
            given = data.folds, number, seed, data.val_share
            drawn = fold_splits(pixels, groups, *given)
            changed = [
                name
                for name, split in zip(pixels.names, drawn, strict=True)
                if (split == "test") != (known[name] == "test")
            ]
        if changed:
            raise ValueError(
                "With `folds` the pictures must stay as they are until all are "
                "trained, so that each is tested once: put them back and "
                "resume, or train anew in another folder. "
                f"Received: {len(changed)} pictures that are new, gone or now "
                f"in another fold than fold-{number}, such as {changed[0]!r}"
            )


def _seconds_of_one(recipe, pixels):
    classes, size = len(pixels.class_names), 0
    pictures = training_pictures(recipe, pixels)
    if wants_teacher(recipe):
        size = teacher_size(recipe, shorter_side(pixels))
    student = settled(recipe, "its own" if size else "")
    if not size:
        return training_seconds(student, pictures, classes)
    teacher = teacher_recipe(student, size)
    return sum(part_seconds(student, teacher, pictures, classes).values())


def _together(parts, recipe):
    """Returns the report over the test pictures of all folds."""
    rows, probabilities, of_folds, known = [], [], [], {}
    for part in parts:
        keras.utils.clear_session()
        with quietly():
            trained = TrainedRun(part.path, verbose=False)
        test = np.flatnonzero(trained.splits == "test")
        batches = evaluation_batches(trained.pixels.images, rows=test)
        found = trained.model.predict(
            batches,
            verbose=0,  # pyright: ignore[reportArgumentType]
        )
        rows.append(test)
        probabilities.append(found)
        known = known or _known_of(trained, recipe)
        measured = classification_metrics(
            known["labels"][test],
            found,
            known["classes"],
            None if known["groups"] is None else known["groups"][test],
        )
        keys = ("n", "top_1", "top_1_interval")
        of_folds.append(
            {"run": part.path.name, **{key: measured[key] for key in keys}}
        )
    tested = np.concatenate(rows)
    groups = known["groups"]
    return {
        "format": FORMAT,
        "classes": list(known["classes"]),
        "folds": of_folds,
        "top_1": mean_and_spread([fold["top_1"] for fold in of_folds]),
        "test": classification_metrics(
            known["labels"][tested],
            np.concatenate(probabilities),
            known["classes"],
            None if groups is None else groups[tested],
        ),
    }


def _known_of(trained, recipe):
    data, pixels = recipe.data, trained.pixels
    groups = find_groups(pixels, data.group_by, data.join_copies, False)
    return {
        "labels": pixels.labels,
        "classes": pixels.class_names,
        "groups": groups.ids,
    }


def _write(report, run, parts):
    """Writes the picture and the page, and at last `folds.json`."""
    plot_confusion(report, run.path / "confusion.png")
    paths = [part.path for part in parts]
    write_html_report(paths, run.path / "folds.html", report)
    text = json.dumps(report, allow_nan=False, ensure_ascii=False, indent=2)
    with replacing(run.folds) as temporary_path:
        temporary_path.write_bytes(
            f"{text}\n".encode("utf-8", "backslashreplace")
        )
