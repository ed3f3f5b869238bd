"""A small network, and what is familiar to it."""

import keras
import numpy as np
import pytest
from small_networks import tiny_backbone

from kerasfg.evaluation.metrics.familiarity_head import Familiarity
from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.models import FineGrainedClassifier


@pytest.fixture(scope="session")
def network(class_names):
    """A classifier of kerasfg with 64 features."""
    keras.utils.set_random_seed(3)
    backbone = tiny_backbone(filters=64)
    model = FineGrainedClassifier(backbone, 5, class_names=class_names)
    rng = np.random.default_rng(5)
    for weight in model.network.get_layer("logits").weights:
        weight.assign(3 * rng.normal(size=weight.shape))
    return model


@pytest.fixture(scope="session")
def make_head(network, pictures):
    """A function: a head by which half of the pictures are known."""
    rng = np.random.default_rng(6)
    # of very different sizes, as projections of features are
    projection = rng.normal(size=(64, 6)) * [0.01, 0.1, 1, 2, 5, 0.5]

    def make(distance=1.0, energy=0.3, normalize=False, to=network):
        outputs = to.network(pictures.astype("float32"), training=False)
        features, logits = (
            np.asarray(outputs[name]) for name in ("features", "logits")
        )
        if normalize:
            lengths = np.linalg.norm(features, axis=1, keepdims=True)
            features = features / lengths
        z = features @ projection
        arrays = projection, np.full(6, 0.5), z[:5] * 0.9 + 0.5
        weights = distance / np.var(z, axis=0).sum(), energy
        share = Familiarity(*arrays, *weights, 0, False).score(features, logits)
        offset = -np.median(np.log(share / (1 - share)))
        return Familiarity(*arrays, *weights, offset, normalize)

    return make


@pytest.fixture(scope="session")
def head(make_head):
    return make_head(normalize=True)


@pytest.fixture(scope="session")
def graph(network, head):
    return inference_graph(network, head=head)
