"""ResidualSigmoidAttention against Eq. 1 and 2 of the second paper."""

import math

import keras
import numpy as np
import pytest

from kerasfg.layers import ResidualSigmoidAttention


def attention_numpy(features):
    """Eq. 1 and 2, one number at a time."""
    mask = np.zeros_like(features)
    attended = np.zeros_like(features)
    for index in np.ndindex(*features.shape):
        mask[index] = 1 / (1 + math.exp(-features[index]))
        attended[index] = features[index] * (1 + mask[index])
    return attended, mask


@pytest.fixture
def features(rng):
    return rng.normal(scale=3, size=(2, 5, 4, 3))


def test_contract(check_layer):
    check_layer(
        ResidualSigmoidAttention,
        init_kwargs={"return_mask": False},
        input_shape=(2, 5, 4, 3),
        output_shape=(2, 5, 4, 3),
    )


def test_matches_the_paper(features):
    given = ResidualSigmoidAttention(return_mask=True)(features)
    for x, y in zip(given, attention_numpy(features), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-5)
    alone = ResidualSigmoidAttention()(features)
    np.testing.assert_array_equal(alone, given[0])


def test_gradient_matches_finite_differences(
    features, rng, gradient_of, finite_differences
):
    features = features[:1, :2]
    direction = rng.normal(size=features.shape)
    expected = finite_differences(
        lambda x: (attention_numpy(x)[0] * direction).sum(), [features]
    )
    given = gradient_of(ResidualSigmoidAttention(), [features], direction)
    np.testing.assert_allclose(given[0], expected[0], rtol=1e-4, atol=1e-6)


def test_raises_responses_and_keeps_their_order(features):
    rectified = np.sort(np.maximum(features, 0).ravel()).reshape(1, 1, -1, 1)
    attended = np.asarray(ResidualSigmoidAttention()(rectified))
    assert (attended >= 1.5 * rectified - 1e-6).all()
    assert (attended <= 2 * rectified + 1e-6).all()
    assert (np.diff(attended.ravel()) >= 0).all()


def test_mask_is_saved_and_loaded(features, tmp_path):
    inputs = keras.Input((5, 4, 3))
    outputs = ResidualSigmoidAttention(return_mask=True)(inputs)
    model = keras.Model(inputs, outputs)
    assert model.output_shape == [(None, 5, 4, 3)] * 2
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    for x, y in zip(again(features), model(features), strict=True):
        np.testing.assert_array_equal(x, y)


def test_edges(gradient_of):
    layer = ResidualSigmoidAttention()
    zeros = np.zeros((1, 1, 1, 2))
    np.testing.assert_array_equal(layer(zeros), zeros)
    (gradient,) = gradient_of(layer, [zeros], 1.0)
    np.testing.assert_allclose(gradient, zeros + 1.5)
    huge = np.array([[[[-1e30, 1e30]]]])
    np.testing.assert_allclose(layer(huge), [[[[-1e30, 2e30]]]], rtol=1e-6)
    (gradient,) = gradient_of(layer, [huge], 1.0)
    np.testing.assert_allclose(gradient, [[[[1, 2]]]])


@pytest.mark.tensorflow("export")
def test_exports(check_export):
    assert "LOGISTIC" in check_export(ResidualSigmoidAttention())


def test_rejects_a_vector():
    with pytest.raises(ValueError, match="expected ndim=4"):
        ResidualSigmoidAttention()(np.zeros((2, 3)))
