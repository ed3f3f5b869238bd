import keras
import numpy as np
import pytest
from keras import ops

from kerasfg.losses import AttributeDistance
from kerasfg.losses import attribute_distance
from kerasfg.losses import class_variance


def distance_loop(features, blocks, values, weights=None, split=False):
    """Half the mean squared distance over known attributes, by sample."""
    losses = []
    attributes = len(blocks)
    weights = weights or [1.0] * attributes
    dim = features.shape[1] // attributes if split else features.shape[1]
    for f, row in zip(features, values, strict=True):
        total = share = 0.0
        for k in range(attributes):
            if row[k] >= 0:
                part = f[k * dim : (k + 1) * dim] if split else f
                centroid = blocks[k][row[k]]
                total += weights[k] * np.sum((part - centroid) ** 2)
                share += weights[k]
        losses.append(total / share / 2 if share else 0.0)
    return np.array(losses)


SIZES = (2, 3, 4)


def batch(rng, n=17, dim=8, sizes=SIZES, split=False):
    features = rng.normal(size=(n, dim))
    rows = dim // len(sizes) if split else dim
    blocks = [rng.normal(size=(size, rows)) for size in sizes]
    values = np.stack([rng.integers(-1, size, n) for size in sizes], axis=1)
    values[:2] = -1  # two samples of which nothing is known
    return features, blocks, values


CASES = [
    {"sizes": (3,)},
    {"sizes": SIZES},
    {"sizes": SIZES, "weights": (1.0, 0.0, 2.5)},
    {"sizes": SIZES, "split": True},
    {"sizes": SIZES, "split": True, "weights": (0.5, 3.0, 1.0)},
]


# === The contract ===


def test_config_round_trip():
    loss = AttributeDistance(
        weight=0.1,
        attribute_weights=np.array([1, 2]),
        split_features=True,
        reduction="sum",
    )
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert type(again) is AttributeDistance
    assert again.get_config() == loss.get_config()
    assert (again.weight, again.attribute_weights) == (0.1, (1, 2))


@pytest.mark.tensorflow("graphs of any batch size")
@pytest.mark.parametrize("case", CASES)
def test_compiles_for_any_batch_size(case, rng):
    import tensorflow as tf

    split = case.get("split", False)
    features, blocks, values = batch(rng, sizes=case["sizes"], split=split)
    loss = AttributeDistance(
        0.5, attribute_weights=case.get("weights"), split_features=split
    )
    blocks = [block.astype("float32") for block in blocks]

    @tf.function(
        jit_compile=True,
        input_signature=[
            tf.TensorSpec((None, 8)),
            tf.TensorSpec((None, len(blocks)), "int32"),
        ],
    )
    def step(features, values):
        return loss(values, features, centroids=blocks)

    for n in (17, 1):
        expected = distance_loop(
            features[-n:], blocks, values[-n:], case.get("weights"), split
        )
        value = step(features[-n:].astype("float32"), values[-n:])
        assert float(value) == pytest.approx(0.5 * expected.mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [
        ("sum_over_batch_size", np.mean),
        ("mean", np.mean),
        ("sum", np.sum),
        ("none", np.asarray),
        (None, np.asarray),
    ],
)
def test_is_reduced_as_keras_does(rng, reduction, expected):
    features, blocks, values = batch(rng, sizes=(3,))
    weight = rng.uniform(size=len(features))
    each = 0.01 * weight * distance_loop(features, blocks, values)
    loss = AttributeDistance(reduction=reduction)
    found = loss(values[:, 0], features, weight, centroids=blocks[0])
    np.testing.assert_allclose(found, expected(each), rtol=1e-5, atol=1e-9)


# === The equation ===


@pytest.mark.parametrize("offset", [0.0, 1e3])
@pytest.mark.parametrize("case", CASES)
def test_matches_a_loop(case, offset, rng):
    split, weights = case.get("split", False), case.get("weights")
    features, blocks, values = batch(rng, sizes=case["sizes"], split=split)
    features = (features + offset).astype("float32")
    blocks = [(block + offset).astype("float32") for block in blocks]
    losses = attribute_distance(values, features, blocks, weights, split)
    assert losses.shape == (17,)
    expected = distance_loop(
        features.astype("float64"), blocks, values, weights, split
    )
    np.testing.assert_allclose(losses, expected, rtol=1e-5, atol=1e-5)
    assert not expected[:2].any()


@pytest.mark.parametrize("case", CASES)
def test_gradient_matches_finite_differences_of_the_loop(case, rng, gradient):
    split, weights = case.get("split", False), case.get("weights")
    features, blocks, values = batch(rng, n=5, sizes=case["sizes"], split=split)
    expected = np.zeros_like(features)
    for index in np.ndindex(features.shape):
        ahead, behind = features.copy(), features.copy()
        ahead[index] += 1e-5
        behind[index] -= 1e-5
        expected[index] = (
            distance_loop(ahead, blocks, values, weights, split).mean()
            - distance_loop(behind, blocks, values, weights, split).mean()
        ) / 2e-5

    def loss(x, *centroids):
        return ops.mean(
            attribute_distance(values, x, centroids, weights, split)
        )

    arrays = [array.astype("float32") for array in (features, *blocks)]
    slope, *of_centroids = gradient(loss, *arrays)
    np.testing.assert_allclose(slope, expected, rtol=1e-4, atol=1e-5)
    assert not np.any(np.concatenate(of_centroids))


# === Properties ===


def test_distance_from_the_mean_is_the_pull_of_all_pairs(rng):
    """1/2 sum |f - mu|^2 = 1/(2n) sum over pairs of |f_i - f_j|^2."""
    features = rng.normal(size=(12, 6)).astype("float32")
    nothing = np.zeros(12, "int32")
    means = features.mean(axis=0, keepdims=True)
    distance = ops.sum(attribute_distance(nothing, features, means))
    terms = class_variance(nothing, features)
    pairs = float(terms["pull"]) * float(terms["same_pairs"])
    assert float(distance) == pytest.approx(pairs / (2 * 12), rel=1e-6)


def test_several_attributes_pull_to_the_mean_of_their_centroids(rng, gradient):
    features, blocks, _ = batch(rng)
    values = np.zeros((17, 3), "int32")

    def loss(x):
        return ops.sum(attribute_distance(values, x, blocks))

    (slope,) = gradient(loss, features.astype("float32"))
    mean = np.mean([block[0] for block in blocks], axis=0)
    np.testing.assert_allclose(slope, features - mean, rtol=1e-4, atol=1e-5)


def test_an_attribute_repeated_changes_nothing(rng):
    features, blocks, values = batch(rng, sizes=(3,))
    once = attribute_distance(values, features, blocks)
    twice = attribute_distance(np.repeat(values, 2, 1), features, blocks * 2)
    np.testing.assert_allclose(once, twice, rtol=1e-5)


def test_half_precision_does_not_overflow():
    features = np.full((2, 4), 300.0, "float16")
    losses = attribute_distance([0, 0], features, np.zeros((1, 4)))
    assert np.array(losses).tolist() == [4 * 300**2 / 2] * 2


def test_features_left_over_by_a_split_belong_to_no_attribute(rng):
    features, blocks, values = batch(rng, split=True)  # 8 = 3 * 2 + 2
    changed = features.copy()
    changed[:, 6:] += 1
    np.testing.assert_array_equal(
        attribute_distance(values, features, blocks, split_features=True),
        attribute_distance(values, changed, blocks, split_features=True),
    )


# === Edges ===


@pytest.mark.parametrize("split", [False, True])
def test_features_at_their_centroids_have_no_gradient(split, gradient):
    x = np.full((4, 6), 1e4, "float32")
    blocks = [np.full((2, 2 if split else 6), 1e4, "float32")] * 3

    def loss(x):
        values = np.zeros((4, 3), "int32")
        return ops.mean(
            attribute_distance(values, x, blocks, split_features=split)
        )

    assert float(loss(x)) == 0
    assert not np.any(gradient(loss, x))


def test_nothing_known_costs_nothing(rng, gradient):
    features, blocks, values = batch(rng)

    def loss(x):
        return ops.mean(attribute_distance(np.full_like(values, -1), x, blocks))

    assert float(loss(features)) == 0
    assert not np.any(gradient(loss, features.astype("float32")))


# === Errors ===


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"weight": -0.1}, r"`weight` must not be negative\. Received: weight"),
        ({"attribute_weights": [1, -1]}, "`attribute_weights` must hold"),
        ({"attribute_weights": [0, 0]}, "`attribute_weights` must hold"),
        ({"reduction": "max"}, "`reduction`.*Received: reduction=max"),
    ],
)
def test_rejects_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        AttributeDistance(**arguments)


def test_rejects_shapes_that_do_not_fit(rng):
    features, blocks, values = batch(rng)
    with pytest.raises(ValueError, match="with 3 attributes"):
        attribute_distance(values[:, :2], features, blocks)
    with pytest.raises(ValueError, match="each of the 3 attributes"):
        attribute_distance(values, features, blocks, attribute_weights=[1.0])
    with pytest.raises(ValueError, match="must have the dim 2"):
        attribute_distance(values, features, blocks, split_features=True)
    with pytest.raises(ValueError, match="must have the dim 5"):
        attribute_distance(values, ops.zeros((17, 5)), blocks)
    with pytest.raises(ValueError, match="Received: centroids=None"):
        AttributeDistance()(values, features)
