"""Baselines without training: distances between pretrained features."""

import keras
import numpy as np
from scipy.special import softmax

from kerasfg.config.attributes import load_attributes
from kerasfg.config.model import build_model
from kerasfg.config.pixels import load_pixels
from kerasfg.data.batches.pipeline import evaluation_batches
from kerasfg.data.splits import write_splits
from kerasfg.evaluation.metrics.attribute_confusion import attribute_confusion
from kerasfg.evaluation.metrics.nearest_neighbour import class_distances
from kerasfg.evaluation.report.report import evaluate_predictions
from kerasfg.evaluation.report.report import write_report
from kerasfg.run.run_folder import RunFolder
from kerasfg.run.run_folder import write_text
from kerasfg.training.numerics import numerics
from kerasfg.training.setup.first_weights import load_first_weights
from kerasfg.training.setup.splits import split_of
from kerasfg.write_errors import make_folder


def measure_euclidean(recipe, out, rule, verbose=False):
    """Classifies by the distance to the training pictures' features.

    It writes a run folder with a report like that of a training, but without
    a model. The report's probabilities are the softmax of the negative
    distances: they have the order of the distances, but are not calibrated.

    Args:
        recipe: A `Recipe`; its network is not trained.
        out: The run folder.
        rule: `"neighbour"` or `"mean"`, see
            `kerasfg.evaluation.metrics.nearest_neighbour.class_distances`.
        verbose: Whether to show progress. Defaults to `False`.

    Returns:
        The report, a dictionary.

    Reference:

    - Enhancing Fine-Grained Classification for Low Resolution Images (Singh et
      al.), section IV, "Euc."
    """
    run = RunFolder(out)
    make_folder(run.path)
    write_text(run.recipe, recipe.to_toml())
    pixels = load_pixels(recipe.data, verbose, recipe.training.seed)
    attributes = load_attributes(recipe, pixels.class_names)
    splits = split_of(pixels, recipe)
    write_splits(run.splits, pixels.names, splits)
    with numerics(recipe.training):
        model = build_model(recipe, pixels.class_names)
        load_first_weights(model, recipe, verbose=verbose)
    network = model.network
    extractor = keras.Model(network.input, network.output["features"])
    features, labels = {}, {}
    for split in ("train", "val", "test"):
        rows = np.flatnonzero(splits == split)
        batches = evaluation_batches(pixels.images, rows=rows)
        features[split] = extractor.predict(batches, verbose=0)
        labels[split] = pixels.labels[rows]
    probabilities = {
        split: softmax(
            -class_distances(
                features["train"], labels["train"], features[split], rule
            ),
            axis=1,
        )
        for split in ("val", "test")
    }
    report = evaluate_predictions(
        labels["val"],
        probabilities["val"],
        labels["test"],
        probabilities["test"],
        pixels.class_names,
    )
    if attributes is not None:
        for split, predicted in probabilities.items():
            report[split]["attributes"] = attribute_confusion(
                labels[split], predicted.argmax(axis=1), attributes
            )
    write_report(report, run.report)
    run.write_manifest(recipe, report, euclidean=rule)
    return report
