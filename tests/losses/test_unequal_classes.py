"""The two losses for classes of unequal size."""

import math

import keras
import numpy as np
import pytest

from kerasfg.losses import ClassWeightedCrossentropy
from kerasfg.losses import LogitAdjustedCrossentropy
from kerasfg.losses import balanced_class_weights

COUNTS = [40, 9, 1]
LABELS = np.array([0, 2, 1, 1])


@pytest.fixture
def logits(rng):
    return rng.normal(size=(4, 3)).astype("float32")


def cross_entropies(labels, logits, smoothing=0.0):
    """Cross-entropy of each picture by plain loops."""
    found = []
    for label, row in zip(labels, logits, strict=True):
        total = sum(math.exp(x) for x in row)
        targets = [smoothing / len(row)] * len(row)
        targets[label] += 1 - smoothing
        pairs = zip(targets, row, strict=True)
        found.append(-sum(t * (x - math.log(total)) for t, x in pairs))
    return found


@pytest.mark.parametrize("tau", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_logits_are_raised_by_the_logarithm_of_the_share(
    logits, tau, smoothing
):
    raised = [
        [
            x + tau * math.log(count / 50)
            for x, count in zip(row, COUNTS, strict=True)
        ]
        for row in logits.tolist()
    ]
    expected = np.mean(cross_entropies(LABELS, raised, smoothing))
    loss = LogitAdjustedCrossentropy(COUNTS, tau, smoothing)
    assert float(loss(LABELS, logits)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_each_picture_has_the_weight_of_its_class(logits, smoothing):
    weights = [0.5, 3.0, 0.0]
    own = cross_entropies(LABELS, logits.tolist(), smoothing)
    pairs = zip(LABELS, own, strict=True)
    expected = sum(weights[label] * x for label, x in pairs) / 4
    loss = ClassWeightedCrossentropy(weights, smoothing)
    assert float(loss(LABELS, logits)) == pytest.approx(expected, rel=1e-5)


def test_weights_are_those_of_keras(logits):
    """`model.fit(class_weight=...)` gives the same loss."""
    weights = balanced_class_weights(COUNTS)
    layer = keras.layers.Dense(3, use_bias=False, kernel_initializer="identity")
    model = keras.Sequential([keras.Input((3,)), layer])
    plain = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(loss=plain)
    by_keras = model.fit(
        logits, LABELS, class_weight=dict(enumerate(weights)), verbose=0
    )
    ours = ClassWeightedCrossentropy(weights)(LABELS, logits)
    loss = by_keras.history["loss"][0]
    assert float(ours) == pytest.approx(loss, rel=1e-5)


LOSSES = [
    LogitAdjustedCrossentropy(COUNTS, 0.5, 0.1),
    ClassWeightedCrossentropy([1.0, 2.0, 5.0], 0.1),
]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_labels_may_be_integers_or_rows(logits, loss):
    expected = float(loss(LABELS, logits))
    for labels in (LABELS[:, None], np.eye(3)[LABELS]):
        assert float(loss(labels, logits)) == pytest.approx(expected)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_parts_of_a_batch_on_two_devices_make_the_whole(logits, loss):
    """Also where one part has all pictures of heavy classes."""
    parts = [float(loss(LABELS[i], logits[i])) for i in ([0, 2], [1, 3])]
    assert np.mean(parts) == pytest.approx(float(loss(LABELS, logits)))


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_loss_is_saved_with_its_numbers(logits, loss):
    config = keras.saving.serialize_keras_object(loss)
    again = keras.saving.deserialize_keras_object(config)
    assert again.get_config() == loss.get_config()
    assert float(again(LABELS, logits)) == float(loss(LABELS, logits))


def test_equal_classes_are_not_adjusted(logits):
    plain = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    adjusted = LogitAdjustedCrossentropy([7, 7, 7])
    weighted = ClassWeightedCrossentropy(balanced_class_weights([7, 7, 7]))
    expected = pytest.approx(float(plain(LABELS, logits)), rel=1e-5)
    assert float(adjusted(LABELS, logits)) == expected
    assert float(weighted(LABELS, logits)) == expected


def test_where_pictures_look_alike_all_classes_are_equally_likely(rng):
    """The best logits of pictures that show nothing are then the same."""
    labels = np.repeat([0, 1, 2], COUNTS)
    loss = LogitAdjustedCrossentropy(COUNTS)
    equal = float(loss(labels, np.zeros((50, 3), "float32")))
    for others in rng.normal(size=(20, 3)).astype("float32"):
        assert equal < float(loss(labels, np.tile(others, (50, 1))))


def test_class_without_pictures_counts_as_one(logits):
    empty = LogitAdjustedCrossentropy([40, 9, 0])
    one = LogitAdjustedCrossentropy([40, 9, 1])
    assert float(empty(LABELS, logits)) == float(one(LABELS, logits))
    weights = balanced_class_weights([40, 10, 0])
    assert weights == [0.625, 2.5, 25.0]
    counts = np.array([40, 10, 0])
    assert np.average(weights, weights=counts) == pytest.approx(1)


@pytest.mark.parametrize(
    "counts", [[], [5], [0, 0], [1, -1], [1, float("nan")], [1, float("inf")]]
)
def test_numbers_that_are_none_are_refused(counts):
    for make in (LogitAdjustedCrossentropy, balanced_class_weights):
        with pytest.raises(ValueError, match="Received: class_counts="):
            make(counts)
    with pytest.raises(ValueError, match="Received: class_weights="):
        ClassWeightedCrossentropy(counts)


@pytest.mark.parametrize("tau", [-0.1, float("nan"), float("inf")])
def test_strength_is_not_negative(tau):
    with pytest.raises(ValueError, match="Received: tau="):
        LogitAdjustedCrossentropy(COUNTS, tau)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_logits_of_other_classes_are_refused(loss):
    with pytest.raises(ValueError, match=r"shape \(4, 5\), 3 classes"):
        loss(LABELS, np.zeros((4, 5), "float32"))
