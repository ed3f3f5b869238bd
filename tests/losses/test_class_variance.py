import warnings

import keras
import numpy as np
import pytest
from keras import ops

from kerasfg.losses import ClassVariance
from kerasfg.losses import class_variance


def pairs_loop(labels, x, margin=1.0, weight=None):
    """The formula, one pair at a time."""
    pulls, pushes = [], []
    for i in range(len(labels)):
        for j in range(i + 1, len(labels)):
            if weight is not None and (weight[i] == 0 or weight[j] == 0):
                continue
            distance = np.sqrt(np.sum((x[i] - x[j]) ** 2))
            if labels[i] == labels[j]:
                pulls.append(distance**2)
            else:
                pushes.append(max(0.0, margin - distance) ** 2)
    return {
        "pull": np.mean(pulls) if pulls else 0.0,
        "push": np.mean(pushes) if pushes else 0.0,
        "same_pairs": len(pulls),
        "different_pairs": len(pushes),
    }


def batch(rng, n=30, dim=6, classes=4, scale=0.3):
    labels = rng.integers(0, classes, n)
    return labels, rng.normal(size=(n, dim)) * scale


def differences(function, x, step=1e-5):
    result = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[index] += step
        behind[index] -= step
        result[index] = (function(ahead) - function(behind)) / (2 * step)
    return result


# === The contract ===


def test_config_round_trip():
    loss = ClassVariance(
        pull_weight=0.3, push_weight=0.2, margin=2.0, on="map", reduction="sum"
    )
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert type(again) is ClassVariance
    assert again.get_config() == loss.get_config()
    assert (again.margin, again.on, again.reduction) == (2.0, "map", "sum")


def test_trains_a_plain_model_compiled_and_with_any_batch(rng):
    labels, x = batch(rng, n=21)  # 8, 8 and 5: the size is not static
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)])
    for jit_compile in (False, True):
        model.compile("sgd", ClassVariance(), jit_compile=jit_compile)
        history = model.fit(
            x, labels, sample_weight=labels, batch_size=8, verbose=0
        )
        assert np.isfinite(history.history["loss"]).all()


@pytest.mark.filterwarnings("ignore:ClassVariance.push=")
@pytest.mark.parametrize("push", ["margin", "difference", "ratio"])
def test_is_reduced_as_keras_does(push, rng, gradient):
    labels, x = batch(rng)
    weight = rng.integers(0, 3, len(labels))

    def loss(reduction):
        return ClassVariance(0.5, 2.0, 1.5, push, reduction=reduction)

    def value(x):
        terms = class_variance(labels, x, 1.5, push, weight)
        return 0.5 * terms["pull"] + 2.0 * terms["push"]

    def mean(x):
        return loss("sum_over_batch_size")(labels, x, weight)

    expected = float(value(ops.convert_to_tensor(x, "float32")))
    for reduction in ("sum_over_batch_size", "mean"):
        found = float(loss(reduction)(labels, x, weight))
        assert found == pytest.approx(expected, rel=1e-5)
    total = float(loss("sum")(labels, x, sample_weight=weight))
    assert total == pytest.approx(len(x) * expected, rel=1e-5)
    for reduction in ("none", None):
        losses = loss(reduction)(labels, x, weight)
        assert losses.shape == (len(x),)
        assert float(ops.mean(losses)) == pytest.approx(expected, rel=1e-5)
        assert not np.any(np.array(losses)[weight == 0])
    slopes = (gradient(f, x.astype("float32"))[0] for f in (mean, value))
    np.testing.assert_allclose(*slopes, rtol=1e-3, atol=1e-6)


def test_the_loss_of_a_sample_is_its_share():
    labels, x = np.array([0, 0, 1]), np.array([[0.0], [2.0], [2.5]])
    # The pull is 2 ** 2, of one pair, half of it each; the push 0.5 ** 2 over
    # two pairs, half of it each; three samples.
    losses = ClassVariance(1.0, 1.0, reduction=None)(labels, x)
    push = 3 * 0.25 / 2 / 2
    np.testing.assert_allclose(losses, [6, 6 + push, push], rtol=1e-6)


def test_half_precision_neither_overflows_nor_mixes_labels_up():
    x = np.array([[0.0], [300.0], [300.0]], "float16")
    labels = np.array([2048, 2049, 2050])  # 2048, 2048 and 2050 as float16
    terms = class_variance(labels, x)
    assert float(terms["same_pairs"]) == 0
    assert float(terms["push"]) == pytest.approx(1 / 3)
    assert float(class_variance([1, 1, 0], x)["pull"]) == 90000
    assert float(ClassVariance()(labels, x)) == pytest.approx(0.1 / 3)


# === The equation ===


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_matches_a_loop_over_pairs(offset, weighted, rng):
    labels, x = batch(rng, n=60)
    x = (x + offset).astype("float32")
    weight = rng.integers(0, 3, len(labels)) / 2 if weighted else None
    terms = class_variance(labels, x, sample_weight=weight)
    expected = pairs_loop(labels, x.astype("float64"), weight=weight)
    assert expected["push"] > 0.01
    for key, value in expected.items():
        assert float(terms[key]) == pytest.approx(value, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("weight", [None, [1, 0, 2, 1, 1, 0, 1, 1, 1]])
@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_gradient_matches_finite_differences_of_the_loop(
    offset, weight, rng, gradient
):
    labels, x = batch(rng, n=9, dim=3)
    x = (x + offset).astype("float32").astype("float64")

    def loop(x):
        terms = pairs_loop(labels, x, weight=weight)
        return terms["pull"] + 2 * terms["push"]

    def ours(x):
        terms = class_variance(labels, x, sample_weight=weight)
        return terms["pull"] + 2 * terms["push"]

    expected = differences(loop, x)
    for dtype in ("float32", "float64"):
        (slope,) = gradient(ours, x.astype(dtype))
        np.testing.assert_allclose(slope, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("push", ["difference", "ratio"])
def test_the_forms_for_study_match_their_equation(push, rng):
    labels, x = batch(rng)
    terms = class_variance(labels, x, push=push)
    pull = pairs_loop(labels, x)["pull"]
    between = np.mean(
        [
            np.sum((a - b) ** 2)
            for a, k in zip(x, labels, strict=True)
            for b, m in zip(x, labels, strict=True)
            if k != m
        ]
    )
    expected = (pull, -between) if push == "difference" else (0, pull / between)
    assert (float(terms["pull"]), float(terms["push"])) == pytest.approx(
        expected, rel=1e-5
    )


# === Properties ===


def test_pull_is_twice_the_variance_of_a_class(rng):
    x = rng.normal(size=(12, 5))
    pull = class_variance(np.zeros(12, "int32"), x)["pull"]
    assert float(pull) == pytest.approx(2 * x.var(axis=0, ddof=1).sum())


def test_a_sample_of_weight_0_might_as_well_not_be_there(rng, gradient):
    labels, x = batch(rng)
    x[7] = np.nan
    weight = np.where(np.arange(len(labels)) % 7 == 0, 0.0, 0.4)
    kept = weight > 0
    terms = class_variance(labels, x, sample_weight=weight[:, None])
    expected = class_variance(labels[kept], x[kept])
    for key in expected:
        assert float(terms[key]) == pytest.approx(float(expected[key]))
    (slope,) = gradient(
        lambda x: class_variance(labels, x, sample_weight=weight)["push"], x
    )
    assert np.isfinite(slope).all() and not slope[~kept].any()


def test_labels_only_tell_classes_apart(rng):
    labels, x = batch(rng)
    terms = class_variance(labels, x)
    names = np.array([2**30, -5, 0, 16_777_217])[labels]
    again = class_variance(names[:, None], x)
    assert {k: float(v) for k, v in terms.items()} == pytest.approx(
        {k: float(v) for k, v in again.items()}
    )


# === Edges ===


@pytest.mark.filterwarnings("ignore:ClassVariance.push=")
@pytest.mark.parametrize("push", ["margin", "difference", "ratio"])
@pytest.mark.parametrize(
    ("labels", "weight"),
    [
        ([3], None),  # a batch of one
        ([0, 1, 2, 3], None),  # no two of a class
        ([5, 5, 5], None),  # a single class
        ([0, 0, 1, 1], None),
        ([0, 0, 1], [0, 0, 0]),
    ],
)
@pytest.mark.parametrize("value", [0.0, 1.0, 1e4])
def test_equal_embeddings_train_on(push, labels, weight, value, gradient):
    labels = np.array(labels)
    x = np.full((len(labels), 4), value, "float32")

    def total(x):
        terms = class_variance(labels, x, push=push, sample_weight=weight)
        return terms["pull"] + terms["push"]

    def mean(x):
        loss = ClassVariance(1.0, 1.0, push=push)
        return loss(labels, x, None if weight is None else np.array(weight))

    pushed = pairs_loop(labels, x, weight=weight)["push"]
    for function in (total, mean):
        value = float(function(ops.convert_to_tensor(x)))
        assert value == pytest.approx(pushed if push == "margin" else 0)
        np.testing.assert_allclose(gradient(function, x)[0], 0, atol=1e-6)


def test_a_lone_kind_of_pair_adds_nothing(rng):
    x = rng.normal(size=(4, 3))
    for labels in ([0, 0, 0, 0], [0, 1, 2, 3]):
        for push in ("margin", "difference", "ratio"):
            terms = class_variance(np.array(labels), x, push=push)
            absent = "push" if labels[-1] == 0 else "pull"
            assert float(terms[absent]) == 0


# === Errors ===


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pull_weight": -1}, r"`pull_weight` must not be negative\. Received"),
        ({"push_weight": -1}, r"`push_weight` must not be negative"),
        ({"margin": float("nan")}, r"`margin` must not be negative"),
        ({"push": "away"}, r"`push` must be one of .*Received: push='away'"),
        ({"on": "logits"}, r"`on` must be .*Received: on='logits'"),
    ],
)
def test_rejects_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        ClassVariance(**arguments)


def test_rejects_one_hot_labels_and_maps():
    with pytest.raises(ValueError, match="one-hot"):
        class_variance(np.eye(3), np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"shape \(batch, dim\)"):
        class_variance(np.zeros(3), np.zeros((3, 2, 2, 4)))


@pytest.mark.parametrize("push", ["difference", "ratio"])
def test_warns_of_the_forms_for_study(push):
    with pytest.warns(UserWarning, match=f"push='{push}'.* for study"):
        ClassVariance(push=push)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ClassVariance()
