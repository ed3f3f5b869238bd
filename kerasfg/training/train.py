"""Training by a recipe, from pictures to a run folder."""

import json
from pathlib import Path

from kerasfg.atomic_file import replacing
from kerasfg.data.splits import assign_splits
from kerasfg.data.splits import write_splits
from kerasfg.evaluation.evaluate import evaluate
from kerasfg.evaluation.report import read_report
from kerasfg.training.build import build_model
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
        ValueError: If the folder is in use, or the pictures do not do.
    """
    run = RunFolder(out)
    if resume:
        recipe = run.read_recipe()
        run.remove_leftovers()
        if run.card.exists():  # it had ended
            return read_report(run.report)
    else:
        run.check_free()
        recipe = _with_absolute_data(recipe)
    pixels = load_pixels(recipe.data, verbose)
    splits = _splits(run, pixels, recipe.training.seed)
    # All that can be wrong with the pictures has been checked by now.
    run.path.mkdir(parents=True, exist_ok=True)
    write_text(run.recipe, recipe.to_toml())  # first: it makes a run of it
    write_splits(run.splits, pixels.names, splits)
    write_text(run.labels, "\n".join(pixels.class_names) + "\n")
    with numerics(recipe.training):
        model = build_model(recipe, pixels.class_names)
        fit(model, recipe, pixels, splits, run, verbose)
    with replacing(run.model) as beside:
        model.save(beside)
    report = evaluate(model, pixels, splits, run.path, history=run.history)
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


def _with_absolute_data(recipe):
    data = recipe.data.data
    if data in ("", "field_guide") or data.startswith("tfds:"):
        return recipe
    return recipe.with_options(data=str(Path(data).absolute()))


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
