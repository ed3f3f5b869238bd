"""Warnings of a training in which the terms do harm or nothing."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasfg import AttributeTable
from kerasfg.callbacks.term_watch import TermWatch
from kerasfg.losses import AttributeDistance
from kerasfg.losses import ClassVariance

pytestmark = pytest.mark.usefixtures("seeded")

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def watched(*epochs, **arguments):
    """The warnings of epochs that are given as the logs of their steps."""
    watch = TermWatch(**arguments)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        watch.on_train_begin()
        for epoch, steps in enumerate(epochs):
            for step, logs in enumerate(steps):
                watch.on_train_batch_end(step, logs)
            watch.on_epoch_end(epoch, logs)
    return [str(one.message) for one in caught]


def norms(*values):
    return [{"feature_norm": value, "feature_spread": 1.0} for value in values]


def pairs(*values):
    return [{"same_class_pairs": value} for value in values]


# === By logs ===


def test_collapse_is_measured_from_the_first_step():
    assert not watched(norms(10.0, 5.0, 1.1), norms(1.1, 1.1))
    assert not watched(norms(1.0, 0.01, 0.11), norms(5.0))
    for steps in ((norms(10.0, 0.9),), (norms(10.0), norms(0.9))):
        (message,) = watched(*steps)
        assert "feature_norm fell from 10 to 0.9" in message
        assert "Lower the weight of the attribute distance" in message
    assert watched(norms(10.0, 5.0), collapsed=0.6)


def test_features_may_collapse_about_a_point():
    spread = [{"feature_norm": 5.0, "feature_spread": x} for x in (2.0, 0.1)]
    (message,) = watched(spread)
    assert "feature_spread fell from 2 to 0.1" in message


def test_each_warning_comes_once():
    both = [
        {"feature_norm": x, "feature_spread": x, "same_class_pairs": 0.0}
        for x in (10.0, 0.1)
    ]
    found = watched(both, both, both)
    assert len(found) == 2
    assert "0 pairs of the same class" in found[0]
    assert "collapsing" in found[1]


def test_pairs_are_counted_over_the_first_steps():
    (message,) = watched(pairs(0.5))
    assert "--balanced 4" in message and "balanced_order" in message
    assert len(watched(pairs(*[0.9] * 25))) == 1
    assert not watched(pairs(*[1.0] * 20, *[0.1] * 5), pairs(0.1))
    assert not watched(pairs(1.0), pairs(0.0))
    assert not watched(pairs(1.0, 0.1), steps=1)
    assert watched(pairs(1.0, 0.1), steps=2)


def test_pairs_are_counted_where_several_steps_are_told_of_at_once():
    watch = TermWatch()
    watch.on_train_begin()
    with pytest.warns(UserWarning, match="0.5 pairs of the same class"):
        watch.on_train_batch_end(31, {"same_class_pairs": 0.5})


@pytest.mark.parametrize("value", [0.0, float("nan")])
def test_what_cannot_be_compared_is_no_collapse(value):
    assert not watched(norms(value, 0.0, value), norms(1.0))
    assert not watched(norms(1.0, value) if value else norms(value))


def test_without_terms_there_is_nothing_to_watch():
    assert not watched([{"loss": 1.0}], [{"loss": 0.0}], [{}])


# === In a training ===


def test_a_heavy_sum_of_distances_collapses(classifier, pictures):
    table = AttributeTable("abc", ["body"], [[0]] * 3, [("full", "upper")])
    loss = AttributeDistance(10.0, reduction="sum")
    model = classifier(attributes=table, attribute_distance=loss)
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), CROSS_ENTROPY)
    data = tf.data.Dataset.from_tensor_slices(pictures).batch(12).repeat()
    steps = {"steps_per_epoch": 60, "epochs": 3, "shuffle": False}
    with pytest.warns(UserWarning, match="features are collapsing") as caught:
        model.fit(data, verbose=0, callbacks=[TermWatch()], **steps)
    assert len(caught) == 1
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_the_terms_as_they_are_do_not(classifier, pictures):
    table = AttributeTable("abc", ["x"], [[0], [1], [0]], [("no", "yes")])
    model = classifier(attributes=table, class_variance=ClassVariance())
    model.compile(keras.optimizers.SGD(0.05), CROSS_ENTROPY)
    watch = TermWatch()
    model.fit(  # no warning
        *pictures, batch_size=12, epochs=20, verbose=0, callbacks=[watch]
    )


def test_batches_without_pairs_are_told_of(classifier, pictures):
    model = classifier(class_variance=ClassVariance())
    model.compile("sgd", CROSS_ENTROPY, run_eagerly=True)
    chosen = {"batch_size": 3, "shuffle": False, "verbose": 0}
    chosen["callbacks"] = [TermWatch()]
    with pytest.warns(UserWarning, match="holds 0 pairs of the same") as caught:
        model.fit(*pictures, epochs=2, **chosen)
    assert len(caught) == 1
    # A training that is resumed is a training of its own.
    with pytest.warns(UserWarning, match="holds 0 pairs") as caught:
        model.fit(*pictures, initial_epoch=2, epochs=4, **chosen)
    assert len(caught) == 1


# === Errors ===


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"collapsed": 0}, r"in \(0, 1\)\. Received: collapsed=0"),
        ({"collapsed": 1.0}, r"in \(0, 1\)\. Received: collapsed=1.0"),
        ({"steps": 0}, r"at least 1\. Received: steps=0"),
    ],
)
def test_rejects_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        TermWatch(**arguments)
