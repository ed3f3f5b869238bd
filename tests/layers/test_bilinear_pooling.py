"""BilinearPooling against Lin et al. (2015)."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasfg.layers import BilinearPooling


def bilinear_numpy(first, second):
    """Section 3, one position at a time."""
    batch, height, width, channels = first.shape
    total = np.zeros((batch, channels, second.shape[3]))
    for i in range(batch):
        for r in range(height):
            for s in range(width):
                total[i] += np.outer(first[i, r, s], second[i, r, s])
    return total.reshape(batch, -1) / (height * width)


def normalized_numpy(pooled):
    """Section 3: the signed square root, then the L2 norm."""
    root = np.sign(pooled) * np.sqrt(np.abs(pooled))
    return root / np.linalg.norm(root, axis=1, keepdims=True)


@pytest.fixture
def maps(rng):
    return rng.normal(size=(2, 5, 4, 3)), rng.normal(size=(2, 5, 4, 2))


def test_contract(check_layer):
    check_layer(
        BilinearPooling,
        init_kwargs={"normalize": True, "epsilon": 1e-5},
        input_shape=(2, 5, 4, 3),
        output_shape=(2, 9),
    )


def test_contract_of_two_maps(check_layer):
    check_layer(
        BilinearPooling,
        init_kwargs={"epsilon": 1e-5},
        input_shape=[(2, 5, 4, 3), (2, 5, 4, 2)],
        output_shape=(2, 6),
    )


def test_matches_the_paper(maps):
    first, second = maps
    layer = BilinearPooling(normalize=False)
    expected = bilinear_numpy(first, first)
    np.testing.assert_allclose(layer(first), expected, rtol=1e-5, atol=1e-6)
    expected = bilinear_numpy(first, second)
    layer = BilinearPooling(normalize=False)
    np.testing.assert_allclose(layer([first, second]), expected, atol=1e-6)


def test_normalization_matches_the_paper(maps):
    first, second = maps
    expected = normalized_numpy(bilinear_numpy(first, second))
    layer = BilinearPooling(epsilon=1e-10)
    np.testing.assert_allclose(layer([first, second]), expected, atol=1e-5)


@pytest.mark.parametrize("normalize", [True, False])
def test_gradient_matches_finite_differences(
    maps, normalize, rng, gradient_of, finite_differences
):
    direction = rng.normal(size=(2, 6))

    def function(first, second):
        pooled = bilinear_numpy(first, second)
        pooled = normalized_numpy(pooled) if normalize else pooled
        return (pooled * direction).sum()

    layer = BilinearPooling(normalize=normalize, epsilon=1e-10)
    given = gradient_of(layer, maps, direction)
    expected = finite_differences(function, maps)
    for x, y in zip(given, expected, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-3, atol=1e-5)


def test_ignores_where_features_lie(maps, rng):
    rows = maps[0].reshape(2, 20, 3)
    shuffled = rows[:, rng.permutation(20)].reshape(2, 4, 5, 3)
    layer = BilinearPooling()
    np.testing.assert_allclose(layer(maps[0]), layer(shuffled), atol=1e-6)


def test_two_maps_are_an_outer_product_turned(maps):
    first, second = maps
    there = np.asarray(BilinearPooling()([first, second]))
    back = np.asarray(BilinearPooling()([second, first]))
    turned = back.reshape(2, 2, 3).swapaxes(1, 2).reshape(2, 6)
    np.testing.assert_allclose(there, turned, atol=1e-6)


def test_does_not_depend_on_the_size_of_a_uniform_map():
    layer = BilinearPooling(normalize=False)
    small = layer(np.full((1, 1, 1, 3), 2.0))
    large = layer(np.full((1, 6, 7, 3), 2.0))
    np.testing.assert_allclose(small, large, rtol=1e-6)


def test_zero_map_has_a_finite_gradient(gradient_of):
    zeros = np.zeros((1, 2, 2, 3))
    layer = BilinearPooling()
    np.testing.assert_array_equal(layer(zeros), np.zeros((1, 9)))
    for scale in (0, 1e-20, 1e-6, 1e-3):
        (gradient,) = gradient_of(layer, [zeros + scale], np.ones((1, 9)))
        assert np.abs(gradient).max() < 1e4


def test_one_position_one_channel_one_picture():
    y = BilinearPooling()(np.full((1, 1, 1, 1), -3.0))
    np.testing.assert_allclose(y, [[1.0]], atol=1e-6)


def test_float16_sums_do_not_overflow():
    layer = BilinearPooling(dtype="mixed_float16")
    y = layer(np.full((1, 28, 28, 8), 3e4, "float16"))
    np.testing.assert_allclose(y, np.full((1, 64), 1 / 8), rtol=1e-3)


@pytest.mark.slow
@pytest.mark.tensorflow("export")
def test_exports(check_export):
    assert "BATCH_MATMUL" in check_export(BilinearPooling())
    check_export(BilinearPooling(), streams=2)


@pytest.mark.parametrize("epsilon", [0, -1.0, float("nan")])
def test_rejects_epsilon(epsilon):
    with pytest.raises(ValueError, match=r"must be positive\. Received: eps"):
        BilinearPooling(epsilon=epsilon)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([(4, 4, 3)] * 3, r"takes 1 or 2 feature maps\. Received: input_sh"),
        ([(4, 4, 3), (4, 5, 3)], r"same height and width\. Received: input_"),
        ([(16, 3)], r"\(batch, height, width, channels\)\. Received: input_"),
        ([(4, 4, None)], r"must be defined\. Received: input_shape=\(None, 4"),
    ],
)
def test_rejects_maps(shapes, message):
    inputs = [keras.Input(shape) for shape in shapes]
    with pytest.raises(ValueError, match=message):
        BilinearPooling()(inputs if len(inputs) > 1 else inputs[0])


def test_rejects_other_channels_once_built():
    layer = BilinearPooling()
    layer(ops.ones((1, 2, 2, 3)))
    with pytest.raises(ValueError, match="axis -1"):
        layer(ops.ones((1, 2, 2, 4)))
