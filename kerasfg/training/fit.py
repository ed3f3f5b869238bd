"""Fits a model in stages, resumed where they were interrupted."""

import importlib.util
import sys

import keras
import numpy as np
from rich.console import Console

from kerasfg.callbacks.centroid_refresh import CentroidRefresh
from kerasfg.callbacks.term_watch import TermWatch
from kerasfg.data.batches.augmentation import Augmentation
from kerasfg.data.batches.even import even_batches
from kerasfg.data.batches.pipeline import TrainingBatches
from kerasfg.data.batches.pipeline import evaluation_batches
from kerasfg.data.batches.sequences import EpochSequence
from kerasfg.distributed.processes import SINGLE_PROCESS
from kerasfg.training.checkpoint import Checkpoint
from kerasfg.training.compilation import CompilationStatus
from kerasfg.training.device_steps import DeviceSteps
from kerasfg.training.device_steps import can_make_batches
from kerasfg.training.device_steps import steps_per_execution
from kerasfg.training.device_steps import waited_for
from kerasfg.training.fed_steps import FedSteps
from kerasfg.training.fed_steps import can_be_fed
from kerasfg.training.finite_loss import FiniteLoss
from kerasfg.training.input_wait import InputWait
from kerasfg.training.optimizers import head_optimizer
from kerasfg.training.optimizers import optimizer
from kerasfg.training.seeds import EpochSeeds
from kerasfg.training.setup.batch_norm import follow_short_training
from kerasfg.training.unequal_classes import class_counts
from kerasfg.training.unequal_classes import cross_entropy


def fit(
    model,
    recipe,
    pixels,
    splits,
    run,
    verbose=True,
    processes=SINGLE_PROCESS,
    teacher=None,
    views=None,
):
    """Fits a model by a recipe; continues after the checkpoint, if any.

    Args:
        model: A `FineGrainedClassifier`.
        recipe: A `Recipe`.
        pixels: A `kerasfg.data.PixelCache`.
        splits: Array with `"train"`, `"val"` or `"test"` for each picture.
        run: The `RunFolder` for the checkpoint, the history and the logs.
        verbose: Whether to show progress. Defaults to `True`.
        processes: `Processes` that share the training. Defaults to
            `SINGLE_PROCESS`.
        teacher: The `TeacherRun` of a model with `distillation`. Defaults to
            `None`: there is none, or its answers are stored with the views.
        views: The `kerasfg.data.views.stored.Views` of the training pictures.
            Defaults to `None`: the pictures themselves are trained on.
    """
    settings = recipe.training
    train_rows, val_rows = (
        np.flatnonzero(splits == name) for name in ("train", "val")
    )
    batches = _training_batches(
        recipe, pixels, train_rows, processes, teacher, views
    )
    console = Console(quiet=not verbose)
    follow_short_training(model, settings, batches.steps_per_epoch, console)
    refresh = _centroid_refresh(model, pixels, train_rows, verbose, processes)
    validation = _validation_batches(pixels, val_rows, processes)
    loss = cross_entropy(settings, class_counts(pixels, splits))
    for stage, last_epoch in _stages(settings):
        _compile(model, loss, settings, stage, batches)
        checkpoint = Checkpoint(
            run.checkpoint,
            stage,
            0 if stage == "head" else settings.early_stopping,
            processes=processes,
        )
        checkpoint.restore(model)
        first_epoch = len(checkpoint.history)
        if first_epoch < last_epoch and not checkpoint.out_of_patience():
            dataset, feeding = _dataset(batches, first_epoch, last_epoch)
            model.fit(
                dataset,
                initial_epoch=first_epoch,
                epochs=last_epoch,
                steps_per_epoch=batches.steps_per_epoch,
                shuffle=False,  # the batches are shuffled already
                validation_data=validation,
                callbacks=[
                    *feeding,
                    *refresh,
                    CompilationStatus(console),
                    *_callbacks(settings, batches, checkpoint, run, processes),
                ],
                verbose=_verbosity(verbose),
            )
        if processes.is_leader:
            run.write_history(checkpoint.history)
    if checkpoint.best:
        model.set_weights(checkpoint.best)
    elif settings.ema:  # `Model.fit` does so too, but not without epochs left
        model.optimizer.finalize_variable_values(model.trainable_variables)


def _stages(settings):
    """Returns each stage with the number of its last epoch."""
    stages = [("all", settings.head_epochs + settings.epochs)]
    if settings.head_epochs:
        stages.insert(0, ("head", settings.head_epochs))
    return stages


def _compile(model, loss, settings, stage, batches):
    """Compiles the model; the backbone is frozen in the stage `"head"`."""
    head = stage == "head"
    for stream in keras.tree.flatten(model.backbone):
        stream.trainable = not head
    model.compile(
        optimizer=head_optimizer(settings)
        if head
        else optimizer(settings, batches.steps_per_epoch),
        loss=loss,
        weighted_metrics=["accuracy"],
        jit_compile=settings.jit_compile or _is_always_compiled(),
        steps_per_execution=steps_per_execution(settings, batches),
    )


def _training_batches(recipe, pixels, rows, processes, teacher, views):
    settings, augmentation = recipe.training, recipe.augmentation
    common = {
        "labels": pixels.labels,
        "batch_size": settings.batch_size,
        "seed": settings.seed,
        "rows": rows,
        "images_per_class": settings.balanced,
        "part": (processes.index, processes.count),
    }
    if views is not None:
        flipped = Augmentation(augmentation.flip, shift=0, scale=0, color=0)
        return TrainingBatches(
            views.images, augmentation=flipped, views=views, **common
        )
    image_size, larger = recipe.data.image_size, recipe.augmented_size()
    images = pixels.training_images
    return TrainingBatches(
        pixels.images if images is None else images,
        augmentation=Augmentation(
            augmentation.flip,
            augmentation.shift,
            augmentation.scale,
            augmentation.color,
        ),
        crop_size=larger if recipe.data.crop_from else None,
        image_size=image_size if larger > image_size else None,
        resolutions=augmentation.train_resolutions,
        teacher=teacher,
        **common,
    )


def _is_always_compiled():
    """Returns whether the backend is JAX.

    Without compilation JAX is slow and cannot use several devices.
    """
    return keras.backend.backend() == "jax"


def _validation_batches(pixels, rows, processes):
    distribution = keras.distribution.distribution()
    if distribution is None:
        return evaluation_batches(pixels.images, pixels.labels, rows=rows)
    return even_batches(
        pixels.images,
        pixels.labels,
        distribution.num_model_replicas,
        (processes.index, processes.count),
        rows,
    )


def _centroid_refresh(model, pixels, rows, verbose, processes):
    """Returns the callback that exact centroids need, in a list, or `[]`."""
    if model.centroids is None or model.centroids.update != "exact":
        return []
    dataset = evaluation_batches(pixels.images, pixels.labels, rows=rows)
    return [CentroidRefresh(dataset, Console(quiet=not verbose), processes)]


def _dataset(batches, first_epoch, last_epoch):
    """Returns what `fit` takes, and the callbacks that belong to it."""
    if can_be_fed():
        feeding = FedSteps(batches, first_epoch, last_epoch)
        return feeding.stand_in(), [feeding]
    dataset = batches.dataset(first_epoch, last_epoch)
    if can_make_batches(batches):
        return dataset, [DeviceSteps(dataset)]
    if not isinstance(dataset, EpochSequence):
        return dataset, []
    begin = keras.callbacks.LambdaCallback(
        on_train_begin=lambda logs: dataset.restart()
    )
    return dataset, [begin]


def _callbacks(settings, batches, checkpoint, run, processes):
    callbacks = [
        FiniteLoss(),  # before the checkpoint
        EpochSeeds(settings.seed),
        InputWait(batches, waited_for(settings, batches)),
        checkpoint,  # before SwapEMAWeights: it must save the raw weights
    ]
    if settings.ema:
        callbacks.append(keras.callbacks.SwapEMAWeights())
    if processes.is_leader:  # so that the history can be read meanwhile
        callbacks.append(
            keras.callbacks.LambdaCallback(
                on_epoch_end=lambda *_: run.write_history(checkpoint.history)
            )
        )
    if processes.is_leader and _has_tensorboard():
        callbacks.append(keras.callbacks.TensorBoard(run.logs))
    return [*callbacks, TermWatch()]


def _has_tensorboard():
    """Returns whether Keras can write logs, which it does by TensorFlow."""
    return all(map(importlib.util.find_spec, ("tensorboard", "tensorflow")))


def _verbosity(verbose):
    """Returns 1 (a bar) in a terminal and 2 (a line per epoch) in a file."""
    if not verbose:
        return 0
    return 1 if sys.stdout.isatty() else 2
