import io
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from rich.console import Console

from kerasfg.callbacks.centroid_refresh import CentroidRefresh
from kerasfg.layers.attribute_centroids import AttributeCentroids

VALUES = np.array([[0], [1], [1], [-1]], "int32")  # of each class


class Classifier(keras.Model):
    """The least that the callback asks of a model."""

    def __init__(self, update="exact"):
        super().__init__()
        images = keras.Input((2,))
        features = keras.layers.Dense(3)(images)
        outputs = {"features": features, "logits": features}
        self.network = keras.Model(images, outputs)
        self.centroids = AttributeCentroids(3, update=update)
        self.centroids.build((None, 3))

    def attribute_values(self, y):
        return keras.ops.take(VALUES, keras.ops.cast(y, "int32"), axis=0)

    def call(self, images, training=False):
        return self.network(images)["features"]

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        self.centroids(y_pred, self.attribute_values(y), training=training)
        return keras.ops.mean(keras.ops.square(y_pred))


@pytest.fixture
def pictures(rng):
    return rng.normal(size=(10, 2)).astype("float32"), np.arange(10) % 4


def test_sets_the_means_before_each_epoch(pictures):
    x, y = pictures
    weight = np.where(np.arange(10) == 1, 0.0, 1.0)
    data = tf.data.Dataset.from_tensor_slices((x, y, weight)).batch(4)
    model, output = Classifier(), io.StringIO()
    model.compile(keras.optimizers.SGD(0.0))  # the means stay the same
    refresh = CentroidRefresh(data, console=Console(file=output))
    model.fit(data, epochs=2, shuffle=False, verbose=0, callbacks=[refresh])
    features = model.network.predict(x, verbose=0)["features"]
    values = VALUES[y, 0]
    expected = [
        features[values == 0].mean(axis=0),
        features[(values == 1) & (weight > 0)].mean(axis=0),
        np.zeros(3),
    ]
    np.testing.assert_allclose(model.centroids.table, expected, rtol=1e-5)
    assert model.centroids.initialized.numpy().tolist() == [1, 1, 0]
    assert output.getvalue().count("means of the training set computed in") == 2


UNDER_JAX = """
import keras
import numpy as np
import tensorflow as tf

import kerasfg
from kerasfg.callbacks import CentroidRefresh

assert keras.backend.backend() == "jax"
image = keras.Input((8, 8, 3))
backbone = keras.Model(image, keras.layers.Conv2D(4, 3)(image))
model = kerasfg.FineGrainedClassifier(
    backbone, 2, attributes=2, centroids="exact"
)
model.compile(
    keras.optimizers.SGD(0.0),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
x = np.random.default_rng(0).random((8, 8, 8, 3)).astype("float32")
values = np.arange(8)[:, None] % 2
y = {"label": np.arange(8) % 2, "attributes": values}
data = tf.data.Dataset.from_tensor_slices((x, y)).batch(4)
model.fit(data, verbose=0, callbacks=[CentroidRefresh(data)])
features = model.network.predict(x, verbose=0)["features"]
means = [features[values[:, 0] == value].mean(axis=0) for value in (0, 1)]
np.testing.assert_allclose(model.centroids.table, means, rtol=1e-5)
"""


@pytest.mark.slow
def test_takes_a_tf_dataset_under_jax():
    pytest.importorskip("jax", reason="jax is not installed")
    done = subprocess.run(
        [sys.executable, "-P", "-c", UNDER_JAX],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_training_without_it_is_an_error(pictures):
    model = Classifier()
    model.compile("sgd")
    with pytest.raises(RuntimeError, match="add kerasfg.callbacks.CentroidRe"):
        model.fit(*pictures, verbose=0)


def test_rejects_a_dataset_that_gives_nothing(pictures):
    model = Classifier()
    model.compile("sgd")
    refresh = CentroidRefresh(batch for batch in [pictures])
    with pytest.raises(ValueError, match="generator, in epoch 2"):
        model.fit(*pictures, epochs=2, verbose=0, callbacks=[refresh])


def test_rejects_a_dataset_without_an_end(pictures):
    data = tf.data.Dataset.from_tensor_slices(pictures).batch(4).repeat()
    model = Classifier()
    model.compile("sgd")
    with pytest.raises(ValueError, match="this one is infinite"):
        model.fit(*pictures, verbose=0, callbacks=[CentroidRefresh(data)])
