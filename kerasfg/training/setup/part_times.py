"""How long the parts of a training will take, from a few steps of each."""

import time

import keras
import numpy as np

from kerasfg.config.model import build_model
from kerasfg.export.quiet import quiet
from kerasfg.given_file import read_given_text
from kerasfg.training.optimizers import optimizer

_PICTURES = 16  # in a step that is timed
_STEPS = 2
# What making views and validation take in addition to the networks, a share.
_MORE = 0.1


def part_seconds(student, teacher, pictures, classes):
    """Estimates the seconds of each part of a training with its own teacher.

    A few steps of both networks are timed, with random weights and black
    pictures.

    Args:
        student: Its `Recipe`, settled.
        teacher: That of the teacher.
        pictures: Number of training pictures.
        classes: Number of classes.

    Returns:
        Dictionary of the seconds of `"teacher"`, `"views"` and `"student"`.
    """
    with quiet():  # TensorFlow warns of the many graphs
        teaching, saying = _seconds_per_picture(teacher, classes)
        learning, _ = _seconds_per_picture(student, classes, predicts=False)
    views = student.augmentation.view_count
    if not views:  # then the teacher is asked in each step
        learning += saying
    seconds = {
        "teacher": teaching * _epochs(teacher),
        "views": saying * views,
        "student": learning * _epochs(student),
    }
    return {k: each * pictures * (1 + _MORE) for k, each in seconds.items()}


def seconds_left(seconds, student, teacher):
    """Returns the seconds of what an interrupted training has not done yet.

    Args:
        seconds: Dictionary of `part_seconds`.
        student: Its `RunFolder` and `Recipe`.
        teacher: Those of the teacher.
    """
    left = dict(seconds)
    if teacher[0].manifest.exists():
        del left["teacher"]
    else:
        left["teacher"] *= _share_left(*teacher)
    if student[0].begun.exists():  # written when the views are made
        del left["views"]
        left["student"] *= _share_left(*student)
    return left


def _share_left(run, recipe):
    if not run.history.is_file():
        return 1
    lines = read_given_text(run.history, "The history").splitlines()
    return max(0, 1 - (len(lines) - 1) / _epochs(recipe))


def training_seconds(recipe, pictures, classes):
    """Estimates the seconds of a training without a teacher.

    Args:
        recipe: Its `Recipe`, settled.
        pictures: Number of training pictures.
        classes: Number of classes.
    """
    with quiet():
        learning, _ = _seconds_per_picture(recipe, classes, predicts=False)
    return learning * _epochs(recipe) * pictures * (1 + _MORE)


def _epochs(recipe):
    return recipe.training.epochs + recipe.training.head_epochs


def _seconds_per_picture(recipe, classes, predicts=True):
    """Returns those of a training step, and of a prediction if wanted."""
    plain = recipe.with_options(
        weights="none", attributes="", attribute=(), teacher=""
    )
    model = build_model(plain, [str(i) for i in range(classes)])
    model.compile(
        optimizer(plain.training, 1),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=keras.backend.backend() == "jax",
    )
    size = recipe.data.image_size
    images = np.zeros((_PICTURES, size, size, 3), "float32")
    labels = np.arange(_PICTURES) % classes
    training = _timed(lambda: model.train_on_batch(images, labels))
    # TensorFlow warns where many functions are traced: so only where needed.
    predicting = predicts and _timed(lambda: model.predict_on_batch(images))
    return training, float(predicting)


def _timed(step):
    step()  # it compiles
    start = time.perf_counter()
    for _ in range(_STEPS):
        step()
    return (time.perf_counter() - start) / _STEPS / _PICTURES
