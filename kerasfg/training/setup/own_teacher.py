"""A training that makes its own teacher first, for the effort `best`."""

import zipfile

import numpy as np

from kerasfg.config.attributes import load_attributes
from kerasfg.config.effort import NOT_SHARED
from kerasfg.config.effort import settled
from kerasfg.config.effort import teacher_recipe
from kerasfg.config.effort import teacher_size
from kerasfg.config.effort import wants_teacher
from kerasfg.config.model import build_model
from kerasfg.config.pixels import load_pixels
from kerasfg.config.places import with_absolute_paths
from kerasfg.data.splits import TEST_SHARE
from kerasfg.data.splits import UNUSED
from kerasfg.distributed.processes import SINGLE_PROCESS
from kerasfg.folder_lock import locked_folder
from kerasfg.run.run_folder import RunFolder
from kerasfg.status import status
from kerasfg.training.setup.effort_line import effort_line
from kerasfg.training.setup.part_times import part_seconds
from kerasfg.training.setup.part_times import seconds_left
from kerasfg.training.setup.parts import Parts
from kerasfg.training.setup.parts import print_line


def makes_teacher(run, recipe, resume, processes=SINGLE_PROCESS):
    """Returns whether a training has to make its teacher, if pictures allow.

    Args:
        run: The `RunFolder`.
        recipe: The `Recipe`; with `resume` it is that of the folder.
        resume: Whether an interrupted training is resumed.
        processes: `Processes` that share the training. Defaults to
            `SINGLE_PROCESS`.

    Raises:
        ValueError: If several processes would have to make it.
    """
    if resume and not processes.is_leader:
        return False
    if resume:
        needed = run.has_own_teacher(run.read_recipe())
        needed = needed and not run.manifest.exists()
        if processes.count > 1 and RunFolder(run.teacher).manifest.exists():
            return False
    else:
        needed = wants_teacher(recipe)
    if needed and processes.count > 1:
        raise ValueError(NOT_SHARED)
    return needed


def train_with_own_teacher(
    run, recipe, resume, train_one, verbose=True, devices=None
):
    """Trains the teacher in `RUN/teacher`, then its student in the run folder.

    With `resume` it continues where it stopped: in the teacher, the views or
    the student. If the pictures allow no larger teacher, none is trained.

    Args:
        run: The `RunFolder`, whose lock is held.
        recipe: The student's `Recipe`; with `resume` it is that of the folder.
        resume: Whether an interrupted training is resumed.
        train_one: Function that trains a network in a run folder; see
            `kerasfg.training.train`.
        verbose: Whether to show progress. Defaults to `True`.
        devices: Number of devices to use. Defaults to `None`: all.

    Returns:
        The report of the student.

    Raises:
        ValueError: See `kerasfg.training.train`.
    """
    recipe = run.read_recipe() if resume else with_absolute_paths(recipe)
    given = verbose, SINGLE_PROCESS, devices
    own = RunFolder(run.teacher)
    began, teacher = own.recipe.exists(), None
    if not resume:
        run.check_free()
    if not began:
        pixels = load_pixels(recipe.data, verbose, recipe.training.seed)
        side = shorter_side(pixels)
        size = teacher_size(recipe, side)
        if not size and not resume:
            return train_one(run, recipe, False, *given)
        student = settled(recipe, own.path.absolute())
        teacher = teacher_recipe(student, size)
    else:
        student, teacher = recipe, own.read_recipe()
    parts = _parts(student, teacher, verbose)
    if not resume:
        print_line(effort_line(recipe, side), verbose)
        parts.seconds = _estimated(student, teacher, pixels, verbose)
        parts.plan()
        run.write_recipe(student)
    elif verbose:
        pixels = load_pixels(recipe.data, verbose, recipe.training.seed)
        seconds = _estimated(student, teacher, pixels, verbose)
        parts.seconds = seconds_left(seconds, (run, student), (own, teacher))
        parts.plan(left=True)
    _train_teacher(own, teacher, train_one, parts, given, resume)
    return train_one(run, None, True, *given, parts)


def _check_whole(own):
    """Raises `ValueError` if the model file of a trained teacher is damaged."""
    if not zipfile.is_zipfile(own.model):
        raise ValueError(
            "The teacher of this run is missing its model, or it is cut off: "
            "remove the teacher's folder and resume, and it is trained again. "
            f"Received: {str(own.path)!r}"
        )


def shorter_side(pixels):
    """Returns the median of the shorter sides of pictures, in pixels."""
    return int(np.median(pixels.picture_sizes.min(axis=1)))


def training_pictures(recipe, pixels):
    """Estimates the number of training pictures, before the split is drawn.

    Args:
        recipe: The `Recipe`; with `folds`, of all or of one of them.
        pixels: The `kerasfg.data.PixelCache`.
    """
    data, given = recipe.data, pixels.splits
    count, share = len(pixels), 1 - TEST_SHARE - data.val_share
    if data.folds:
        if given is not None:
            count = np.count_nonzero(given != UNUSED)
        share = (1 - 1 / data.folds) * (1 - data.val_share)
    elif given is not None and "train" in given:
        count = np.count_nonzero(given == "train")
        # Without both, what there is becomes the test.
        share = 1 if {"val", "test"} <= set(given) else 1 - data.val_share
    return count * share * data.train_share


def _parts(student, teacher, verbose):
    texts = {
        "teacher": f"the teacher, {_size_and_epochs(teacher)}",
        "views": f"{student.augmentation.view_count} views of each picture, "
        "with the teacher's answers to them",
        "student": f"the student, {_size_and_epochs(student)}",
    }
    if not student.augmentation.view_count:
        del texts["views"]
    return Parts(texts, verbose)


def _size_and_epochs(recipe):
    epochs = recipe.training.epochs
    return f"{recipe.data.image_size} px, {epochs} epoch{'s' * (epochs > 1)}"


def _estimated(student, teacher, pixels, verbose):
    """Builds both networks, so that mistakes are found, and times them."""
    with status("Timing a few steps of teacher and student", verbose):
        attributes = load_attributes(student, pixels.class_names)
        build_model(student, pixels.class_names, attributes)
        count = training_pictures(student, pixels)
        return part_seconds(student, teacher, count, len(pixels.class_names))


def _train_teacher(own, recipe, train_one, parts, given, resume):
    began = own.recipe.exists()
    if own.manifest.exists():
        _check_whole(own)
        parts.begin("teacher", "done")
    else:
        if resume and not began:
            text = f"There is no teacher in {own.path}: it is trained anew."
            print_line(text, parts.verbose)
        parts.begin("teacher")
    silent = Parts({})
    with locked_folder(own.path, "training the teacher"):
        report = train_one(own, recipe, began, *given, silent)
    text = f"The teacher is right on {report['test']['top_1']:.1%} of the "
    print_line(f"{text}test pictures.", parts.verbose)
