"""The training pictures of a model and the features that it has of them."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from kerasfg.cache_folder import cache_folder
from kerasfg.config.pixels import load_pixels
from kerasfg.config.pixels import quietly
from kerasfg.config.places import check_pictures
from kerasfg.data.batches.pipeline import evaluation_batches
from kerasfg.data.groups import find_groups
from kerasfg.data.groups import split_pictures
from kerasfg.data.pixels.cache import prepare
from kerasfg.data.sources.place import from_places
from kerasfg.evaluation.explanation.feature_file import KnownPictures
from kerasfg.evaluation.explanation.feature_file import read_features
from kerasfg.evaluation.explanation.feature_file import write_features
from kerasfg.notice import tell
from kerasfg.run.run_folder import RunFolder
from kerasfg.status import status


def training_pictures(
    file, features, predictor, data, description, examples, verbose
):
    """Finds the training pictures of a model, and their features.

    Args:
        file: `Path` of a `.keras` file; that of a run is in its folder.
        features: `keras.Model` from pixels 0 to 255 to features.
        predictor: `Predictor` of the model.
        data: Place of the pictures of a file that is of no run, or `None`.
        description: `Description` of such a file.
        examples: Whether the pictures are needed, not only their features.
        verbose: Whether to show progress.

    Returns:
        `(KnownPictures, read)`; `read` is a function from a name to a picture,
        or `None` without `examples`. `(None, None)` if there are no training
        pictures; a notice warns of it.
    """
    run = RunFolder(file.parent)
    if data is not None:
        pixels, splits = _of_place(data, predictor, description, verbose)
        facts = [list(pixels.names), list(pixels.digests), splits.tolist()]
        kept = _kept_at(file, json.dumps(facts).encode())
        known = read_features(kept)
    elif file == run.model and run.recipe.is_file():
        kept = _kept_at(file, run.splits.read_bytes())
        known = read_features(kept)
        pixels = splits = None
        if known is None or examples:
            pixels, splits = _of_run(run, predictor, verbose)
            if pixels is None and known is None:
                return None, None
    else:
        tell(
            "The model does not store what it was trained on: no training "
            "pictures are named. Give their folder as --data.",
        )
        return None, None
    if known is None:
        known = _compute(features, pixels, splits, verbose)
        _keep(kept, known)
    read = pixels.read if examples and pixels is not None else None
    return known, read


def _of_place(data, predictor, description, verbose):
    source = from_places(data, class_level=description.class_level or 0)
    with quietly():
        pixels = prepare(
            source,
            predictor.image_size,
            predictor.crop or "center",
            crop_fraction=predictor.crop_fraction,
            progress=verbose,
        )
        return pixels, split_pictures(
            pixels, find_groups(pixels, progress=verbose)
        )


def _of_run(run, predictor, verbose):
    """Returns the pictures of a run and their splits, if they are there."""
    recipe = run.read_recipe()
    try:
        check_pictures(recipe.data)
        with quietly():
            pixels = load_pixels(recipe.data, verbose, recipe.training.seed)
        if pixels.class_names != predictor.class_names:
            raise ValueError("the classes have changed")
        return pixels, run.read_splits(pixels.names)
    except (OSError, ValueError) as error:
        tell(
            f"The training pictures have changed, so none is shown: {error}",
        )
        return None, None


def _compute(features, pixels, splits, verbose):
    rows = np.flatnonzero(splits == "train")
    with status("Reading the training pictures", verbose):
        found = features.predict(
            evaluation_batches(pixels.images, rows=rows), verbose=0
        )
    return KnownPictures(
        found,
        tuple(pixels.names[row] for row in rows),
        tuple(pixels.class_names[pixels.labels[row]] for row in rows),
    )


def _kept_at(file, facts):
    """Returns the path in the cache of features of a model and pictures."""
    digest = hashlib.blake2b(facts, digest_size=16)
    with open(file, "rb") as opened:
        digest.update(hashlib.file_digest(opened, "blake2b").digest())
    return cache_folder() / "features" / f"{digest.hexdigest()}.npz"


def _keep(path, known):
    try:
        write_features(path, known)
    except OSError as error:  # the answer does not depend on it
        tell(
            f"The features of the training pictures are not kept: {error}",
        )
