"""Training by a recipe, from pictures to a run folder."""

import contextlib
import importlib.util
import json
import sys
from pathlib import Path

import keras
import numpy as np

from kerasfg.atomic_file import replacing
from kerasfg.data.augmentation import Augmentation
from kerasfg.data.cache import prepare
from kerasfg.data.folder import from_folder
from kerasfg.data.splits import assign_splits
from kerasfg.data.splits import read_splits
from kerasfg.data.splits import write_splits
from kerasfg.evaluation.evaluate import evaluate
from kerasfg.evaluation.report import read_report
from kerasfg.models.backbones import backbone
from kerasfg.models.fine_grained_classifier import FineGrainedClassifier
from kerasfg.training.checkpoint import Checkpoint
from kerasfg.training.input_wait import InputWait
from kerasfg.training.optimizers import head_optimizer
from kerasfg.training.optimizers import optimizer
from kerasfg.training.run_folder import RunFolder
from kerasfg.training.run_folder import write_text
from kerasfg.training.seeds import EpochSeeds


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
    with _numerics(recipe.training):
        model = build_model(recipe, pixels.class_names)
        _fit(model, recipe, pixels, splits, run, verbose)
    with replacing(run.model) as beside:
        model.save(beside)
    report = evaluate(model, pixels, splits, run.path, history=run.history)
    write_text(run.card, json.dumps(_card(recipe, report), indent=2) + "\n")
    run.remove_leftovers()
    return report


def load_pixels(recipe, verbose=True):
    """Reads and shrinks the pictures that a recipe names.

    Args:
        recipe: The `Data` section of a recipe.
        verbose: Whether to show progress.

    Returns:
        A `kerasfg.data.cache.PixelCache`.
    """
    if not recipe.data:
        raise ValueError(
            "A recipe must say where the pictures are: add --data DIR, or "
            "`data` in its section [data]. Received: data=''"
        )
    if recipe.data == "field_guide":
        from kerasfg.data.field_guide import field_guide

        source = field_guide(recipe.images_per_class)
    elif recipe.data.startswith("tfds:"):
        from kerasfg.data.tfds import from_tfds

        source = from_tfds(recipe.data.removeprefix("tfds:"))
    else:
        source = from_folder(recipe.data, strict=recipe.strict)
    return prepare(source, recipe.image_size, recipe.crop, progress=verbose)


def build_model(recipe, class_names):
    """Builds the untrained model that a recipe describes.

    Args:
        recipe: A `Recipe`.
        class_names: Names of the classes.

    Returns:
        A `FineGrainedClassifier`, not compiled.
    """
    model, training = recipe.model, recipe.training
    coupled = training.weight_decay if training.optimizer == "sgd" else 0.0
    return FineGrainedClassifier(
        backbone(
            model.backbone,
            recipe.data.image_size,
            upsample_to=model.upsample_to or None,
            output_stride=recipe.chosen_output_stride(),
            weights=None if model.weights == "none" else model.weights,
        ),
        num_classes=len(class_names),
        pooling=model.pooling,
        dropout=model.dropout,
        weight_decay=coupled,
        class_names=class_names,
        name="classifier",
    )


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
        known = read_splits(run.splits)
        missing = set(known) - set(pixels.names)
        if missing:
            raise ValueError(
                "The pictures of the run's splits.csv must still be there. "
                f"Received: {len(missing)} missing, such as {min(missing)!r}"
            )
        return np.array([known.get(name, "") for name in pixels.names])
    return assign_splits(
        pixels.labels,
        pixels.splits,
        pixels.groups,
        seed=seed,
        class_names=pixels.class_names,
    )


@contextlib.contextmanager
def _numerics(recipe):
    """Seeds, dtype policy and operators as the recipe says."""
    import tensorflow as tf

    keras.utils.set_random_seed(recipe.seed)
    if recipe.deterministic:
        tf.config.experimental.enable_op_determinism()
    before = keras.config.dtype_policy()
    if recipe.mixed_precision:
        keras.config.set_dtype_policy("mixed_float16")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _fit(model, recipe, pixels, splits, run, verbose):
    """Runs the stages, from the checkpoint on if there is one."""
    # not at the top: this is the only use of tf.data in this file
    from kerasfg.data.pipeline import TrainingBatches
    from kerasfg.data.pipeline import evaluation_batches

    settings = recipe.training
    train_rows, val_rows = (
        np.flatnonzero(splits == name) for name in ("train", "val")
    )
    augmentation = recipe.augmentation
    batches = TrainingBatches(
        pixels.images,
        pixels.labels,
        settings.batch_size,
        settings.seed,
        Augmentation(**augmentation.model_dump()),
        rows=train_rows,
    )
    validation = evaluation_batches(pixels.images, pixels.labels, rows=val_rows)
    stages = [("all", settings.head_epochs + settings.epochs)]
    if settings.head_epochs:
        stages.insert(0, ("head", settings.head_epochs))
    for stage, last_epoch in stages:
        head = stage == "head"
        model.backbone.trainable = not head
        model.compile(
            optimizer=head_optimizer(settings)
            if head
            else optimizer(settings, batches.steps_per_epoch),
            loss=keras.losses.CategoricalCrossentropy(
                from_logits=True, label_smoothing=settings.label_smoothing
            ),
            metrics=["accuracy"],
            jit_compile=settings.jit_compile,
        )
        checkpoint = Checkpoint(
            run.checkpoint, stage, 0 if head else settings.early_stopping
        )
        checkpoint.restore(model)
        first_epoch = len(checkpoint.history)
        if first_epoch < last_epoch and not checkpoint.out_of_patience():
            model.fit(
                batches.dataset(first_epoch, last_epoch),
                initial_epoch=first_epoch,
                epochs=last_epoch,
                steps_per_epoch=batches.steps_per_epoch,
                shuffle=False,  # the batches are shuffled already
                validation_data=validation,
                callbacks=_callbacks(settings, batches, checkpoint, run),
                verbose=_verbosity(verbose),
            )
        run.write_history(checkpoint.history)
    if checkpoint.best:
        model.set_weights(checkpoint.best)
    elif settings.ema:  # as `fit` does, where nothing was left to fit
        model.optimizer.finalize_variable_values(model.trainable_variables)


def _callbacks(settings, batches, checkpoint, run):
    callbacks = [
        EpochSeeds(settings.seed),
        InputWait(batches),
        checkpoint,  # before the average: it wants the weights themselves
    ]
    if settings.ema:
        callbacks.append(keras.callbacks.SwapEMAWeights())
    if importlib.util.find_spec("tensorboard"):
        callbacks.append(keras.callbacks.TensorBoard(run.logs))
    return callbacks


def _verbosity(verbose):
    """A bar in a terminal, a line an epoch in a file."""
    if not verbose:
        return 0
    return 1 if sys.stdout.isatty() else 2
