"""The step of a classifier against the one that Keras itself takes."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasfg.losses import ClassVariance

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
CLASS_WEIGHTS = {0: 0.5, 1: 0.0, 2: 2.0}
# What is compiled, what is fitted and under which policy.
WAYS = {
    "alone": {},
    "uneven_batches": {"fit": {"batch_size": 5}},
    "gradient_accumulation": {"optimizer": {"gradient_accumulation_steps": 2}},
    "moving_average": {"optimizer": {"use_ema": True, "ema_momentum": 0.8}},
    "mixed_float16": {"policy": "mixed_float16"},
    "loss_scale": {"loss_scale": 64.0},
    "compiled": {"compile": {"jit_compile": True}},
    "steps_per_execution": {
        "compile": {"steps_per_execution": 2},
        "fit": {"batch_size": 4},  # three steps, so that one is left over
    },
    "eagerly": {"compile": {"run_eagerly": True}},
    "weighted_metrics": {
        "compile": {"weighted_metrics": ["accuracy"]},
        "fit": {"sample_weight": np.arange(12) % 5 / 2},
    },
    "class_weight": {"fit": {"class_weight": CLASS_WEIGHTS}},
}


def every_way(*quick):
    """The others of `WAYS` are slow."""
    return pytest.mark.parametrize(
        "way",
        [
            pytest.param(
                way, id=name, marks=[] if name in quick else [pytest.mark.slow]
            )
            for name, way in WAYS.items()
        ],
    )


@contextlib.contextmanager
def policy_of(way):
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(way.get("policy", "float32"))
    yield
    keras.config.set_dtype_policy("float32")


def fit(model, way, pictures):
    optimizer = keras.optimizers.SGD(
        0.1, momentum=0.9, **way.get("optimizer", {})
    )
    if "loss_scale" in way:
        optimizer = keras.optimizers.LossScaleOptimizer(
            optimizer, initial_scale=way["loss_scale"], dynamic_growth_steps=2
        )
    settings = {"metrics": ["accuracy"], **way.get("compile", {})}
    model.compile(optimizer, CROSS_ENTROPY, **settings)
    chosen = {"batch_size": 6, "epochs": 2, "shuffle": False, "verbose": 0}
    return model.fit(*pictures, **{**chosen, **way.get("fit", {})}).history


@every_way(
    "alone",
    "mixed_float16",
    "weighted_metrics",
)
def test_without_terms_it_is_that_of_keras(classifier, pictures, way):
    with policy_of(way):
        ours = classifier(dropout=0.3)
    with policy_of(way):
        twin = classifier(dropout=0.3).network
        theirs = keras.Model(twin.input, twin.output["logits"])
    logs = fit(ours, way, pictures)
    expected = fit(theirs, way, pictures)
    assert set(logs) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(logs[name], values, rtol=1e-5, err_msg=name)
    weights, others = ours.network.get_weights(), theirs.get_weights()
    for weight, other in zip(weights, others, strict=True):
        np.testing.assert_allclose(weight, other, rtol=1e-5, atol=1e-6)


@every_way("weighted_metrics")
def test_with_all_terms_it_trains_on(classifier, pictures, every_term, way):
    with policy_of(way):
        model = classifier(dropout=0.3, **every_term)
    before = [np.array(weight) for weight in model.weights]
    logs = fit(model, way, pictures)
    assert all(np.isfinite(values).all() for values in logs.values())
    for weight, old in zip(model.weights, before, strict=True):
        assert np.isfinite(weight).all(), weight.path
        assert (np.array(weight) != old).any(), weight.path


def test_a_frozen_model_only_moves_its_centroids(
    classifier, pictures, every_term
):
    model = classifier(**every_term)
    model.trainable = False
    model.compile("sgd", CROSS_ENTROPY, run_eagerly=True)
    before = model.network.get_weights()
    warned = contextlib.nullcontext()
    if keras.backend.backend() == "tensorflow":
        warned = pytest.warns(UserWarning, match="no trainable weights")
    with warned:
        model.fit(*pictures, verbose=0)
    for weight, old in zip(model.network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)
    assert model.centroids.initialized.numpy().sum() == 4


def test_losses_of_layers_are_added(pictures):
    from kerasfg.models import FineGrainedClassifier

    images = keras.Input((16, 16, 3))
    features = keras.layers.Conv2D(4, 3, kernel_regularizer="l2")(images)
    model = FineGrainedClassifier(keras.Model(images, features), 3, dropout=0)
    model.compile(keras.optimizers.SGD(0.0), CROSS_ENTROPY, run_eagerly=True)
    kernel = model.backbone.layers[-1].kernel
    expected = CROSS_ENTROPY(
        pictures[1], model.network(pictures[0], training=True)["logits"]
    )
    logs = model.fit(*pictures, verbose=0).history
    np.testing.assert_allclose(
        logs["loss"][0], expected + 0.01 * np.sum(np.square(kernel)), 1e-5
    )


@pytest.mark.tensorflow("data sets of unknown length")
@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_measures_of_terms_do_not_count_the_end_of_the_data(
    classifier, pictures
):
    images, labels = pictures
    data = tf.data.Dataset.from_tensor_slices((images, labels))
    unknown = data.filter(lambda image, label: True).batch(6)

    def pairs(*arguments, **options):
        model = classifier(class_variance=ClassVariance())
        model.compile(keras.optimizers.SGD(0.0), CROSS_ENTROPY)
        history = model.fit(
            *arguments, shuffle=False, verbose=0, **options
        ).history
        return history["same_class_pairs"]

    assert pairs(unknown, epochs=2) == pairs(data.batch(6), epochs=2)
