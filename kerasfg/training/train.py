"""Training by a recipe, from pictures to a run folder."""

import json
from pathlib import Path

import numpy as np

from kerasfg.atomic_file import replacing
from kerasfg.data.splits import assign_splits
from kerasfg.data.splits import write_splits
from kerasfg.evaluation.evaluate import evaluate
from kerasfg.evaluation.report import read_report
from kerasfg.training.build import build_model
from kerasfg.training.build import load_attributes
from kerasfg.training.build import load_pixels
from kerasfg.training.fit import fit
from kerasfg.training.fit import numerics
from kerasfg.training.run_folder import RunFolder
from kerasfg.training.run_folder import write_text


def train(recipe, out, resume=False, verbose=True):
    """Trains a classifier and evaluates it.

    Args:
        recipe: A `Recipe`. With `resume` it may be `None`, and the one in the
            run folder is followed.
        out: The run folder: new or empty, or, with `resume`, one of a training
            that was interrupted.
        resume: Whether to go on from the last finished epoch. The weights at
            the end are those of a training that was not interrupted.
        verbose: Whether to show progress.

    Returns:
        The report, a dictionary; see `kerasfg.evaluation.evaluate`.

    Raises:
        ValueError: If the folder is in use, the pictures or the table of
            attributes do not do, or the recipe's network cannot be built.
    """
    run = RunFolder(out)
    if resume:
        recipe = run.read_recipe()
        run.remove_leftovers()
        if run.card.exists():  # it had ended
            return read_report(run.report)
    else:
        run.check_free()
        recipe = _with_absolute_paths(recipe)
    pixels = load_pixels(recipe.data, verbose)
    splits = _splits(run, pixels, recipe.training.seed)
    _check_balanced(recipe.training, pixels.labels[splits == "train"])
    attributes = load_attributes(recipe, pixels.class_names)
    with numerics(recipe.training):
        model = build_model(recipe, pixels.class_names, attributes)
        # All that can be wrong with what was given has been checked by now.
        run.path.mkdir(parents=True, exist_ok=True)
        write_text(run.recipe, recipe.to_toml())  # first: it makes a run of it
        write_splits(run.splits, pixels.names, splits)
        write_text(run.labels, "\n".join(pixels.class_names) + "\n")
        fit(model, recipe, pixels, splits, run, verbose)
    with replacing(run.model) as beside:
        model.save(beside)
    report = evaluate(model, pixels, splits, run.path, run.history, attributes)
    write_text(run.card, json.dumps(_card(recipe, report), indent=2) + "\n")
    run.remove_leftovers()
    return report


def _card(recipe, report):
    """What must travel with the model so that it can be used."""
    return {
        "format": 1,
        "image_size": recipe.data.image_size,
        "crop": recipe.data.crop,
        "filter": "bicubic",
        "class_names": report["classes"],
        "temperature": report["temperature"],
        "threshold": report["threshold"],
    }


def _with_absolute_paths(recipe):
    """The recipe of a run finds its files from anywhere."""
    given = {
        "data": recipe.data.data,
        "attributes": recipe.attributes.attributes,
    }
    return recipe.with_options(
        **{
            key: str(Path(value).absolute())
            for key, value in given.items()
            if value not in ("", "field_guide")
            and not value.startswith("tfds:")
        }
    )


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


def _splits(run, pixels, seed):
    """The split of the run folder, or a new one."""
    if run.splits.exists():
        return run.read_splits(pixels.names)
    return assign_splits(
        pixels.labels,
        pixels.splits,
        pixels.groups,
        seed=seed,
        class_names=pixels.class_names,
    )
