"""Warnings of a training in which the terms do harm or nothing."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasfg import AttributeTable
from kerasfg.callbacks.term_watch import TermWatch
from kerasfg.callbacks.term_watch import with_term_watch
from kerasfg.losses import AttributeDistance
from kerasfg.losses import ClassVariance

pytestmark = pytest.mark.usefixtures("seeded")

CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def watched(*epochs):
    """The warnings of epochs that are given as the logs of their steps."""
    watch = TermWatch()
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
        model.fit(data, verbose=0, **steps)
    assert len(caught) == 1
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_the_terms_as_they_are_do_not(classifier, pictures, every_term):
    model = classifier(**every_term)
    model.compile(keras.optimizers.SGD(0.05), CROSS_ENTROPY)
    model.fit(*pictures, batch_size=12, epochs=20, verbose=0)  # no warning


def test_batches_without_pairs_are_told_of(classifier, pictures):
    model = classifier(class_variance=ClassVariance())
    model.compile("sgd", CROSS_ENTROPY, run_eagerly=True)
    with pytest.warns(UserWarning, match="holds 0 pairs of the same") as caught:
        model.fit(*pictures, batch_size=3, epochs=2, shuffle=False, verbose=0)
    assert len(caught) == 1
    # A training that is resumed is a training of its own.
    with pytest.warns(UserWarning, match="holds 0 pairs") as caught:
        model.fit(
            *pictures,
            batch_size=3,
            initial_epoch=2,
            epochs=4,
            shuffle=False,
            verbose=0,
        )
    assert len(caught) == 1


# === Beside other callbacks ===


class Epochs(keras.callbacks.Callback):
    """Remembers what it was called with."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(epoch)


@pytest.mark.parametrize(
    "wrap",
    [lambda x: x, lambda x: [x], lambda x: (x,), lambda x: [[x]]],
    ids=["single", "list", "tuple", "nested"],
)
def test_callbacks_are_kept_in_every_form(wrap):
    given = Epochs()
    kept, watch = with_term_watch(wrap(given))
    assert kept is given and isinstance(watch, TermWatch)


@pytest.mark.parametrize("callbacks", [None, [], ()])
def test_without_callbacks_it_is_alone(callbacks):
    (watch,) = with_term_watch(callbacks)
    assert isinstance(watch, TermWatch)


def test_a_list_made_by_hand_is_complete():
    callbacks = keras.callbacks.CallbackList([Epochs()])
    assert with_term_watch(callbacks) is callbacks


def test_fit_takes_arguments_by_position_as_keras_does(
    classifier, pictures, every_term
):
    model, epochs = classifier(**every_term), Epochs()
    model.compile("sgd", CROSS_ENTROPY, None, ["accuracy"], run_eagerly=True)
    images, labels = pictures
    history = model.fit(images, labels, 6, 2, 0, epochs, 0.5, None, False)
    assert epochs.seen == history.epoch == [0, 1]
    assert len(history.history["val_loss"]) == 2
    model.fit(images, labels, 6, 3, 0, [epochs], initial_epoch=2)
    assert epochs.seen == [0, 1, 2]
    by_hand = keras.callbacks.CallbackList([epochs], model=model)
    model.fit(images, labels, verbose=0, callbacks=by_hand)
    assert epochs.seen == [0, 1, 2, 0]


def test_an_uncompiled_model_is_told_so(classifier, pictures):
    with pytest.raises(ValueError, match=r"must call `compile\(\)`"):
        classifier().fit(*pictures)
