"""What the weights of a layer are multiplied with."""

import types

import numpy as np
import pytest

from kerasfg.export.quantization.layer_inputs import layer_inputs


def _operator(stride=1, dilation=1, same=True):
    options = types.SimpleNamespace(
        strideH=stride,
        strideW=stride,
        dilationHFactor=dilation,
        dilationWFactor=dilation,
        padding=0 if same else 1,
    )
    return types.SimpleNamespace(builtinOptions=options)


@pytest.mark.parametrize(
    ("side", "kernel", "stride", "dilation", "same"),
    [
        (7, 1, 1, 1, True),
        (7, 3, 1, 1, True),
        (8, 3, 2, 1, True),
        (7, 3, 2, 1, True),
        (8, 5, 2, 1, True),
        (9, 3, 1, 2, True),
        (9, 3, 2, 1, False),
        (9, 3, 1, 2, False),
        (2, 5, 1, 1, True),
    ],
)
def test_products_with_the_weights_are_a_convolution(
    side, kernel, stride, dilation, same
):
    import keras

    random = np.random.default_rng(0)
    maps = random.normal(size=(2, side, side, 3)).astype("float32")
    weights = random.normal(size=(4, kernel, kernel, 3)).astype("float32")
    padding = "same" if same else "valid"
    more = {"strides": stride, "padding": padding, "dilation_rate": dilation}
    operator = _operator(stride, dilation, same)

    (found,) = layer_inputs(maps[:, None], operator, weights.shape)
    expected = keras.ops.conv(maps, weights.transpose(1, 2, 3, 0), **more)
    np.testing.assert_allclose(
        found @ weights.reshape(4, -1).T,
        np.reshape(expected, (-1, 4)),
        atol=1e-4,
    )
    if stride > 1 and dilation > 1:
        return
    channels = layer_inputs(
        maps[:, None], operator, weights[:1].shape, depthwise=True
    )
    expected = keras.ops.depthwise_conv(maps, weights[0][..., None], **more)
    by_channel = weights[0].reshape(-1, 3).T[:, :, None]
    np.testing.assert_allclose(
        (channels @ by_channel)[..., 0].T,
        np.reshape(expected, (-1, 3)),
        atol=1e-4,
    )


def test_a_large_map_gives_some_positions_the_same_each_time():
    maps = np.arange(10 * 64 * 64 * 2).reshape(10, 1, 64, 64, 2)
    first = layer_inputs(maps, _operator(), (4, 1, 1, 2))
    again = layer_inputs(maps + 1, _operator(), (4, 1, 1, 2))
    assert first.shape == (1, 4000, 2)
    np.testing.assert_array_equal(first + 1, again)
    assert len(np.unique(first)) == first.size


def test_around_the_map_is_the_given_number():
    found = layer_inputs(
        np.zeros((1, 1, 2, 2, 1), "int8"), _operator(), (1, 3, 3, 1), 7
    )
    assert found.dtype == "int8"
    np.testing.assert_array_equal(found[0, 0], [7, 7, 7, 7, 0, 0, 7, 0, 0])


def test_a_dense_layer_takes_all_numbers_of_a_picture():
    values = np.arange(12).reshape(3, 1, 1, 2, 2)
    found = layer_inputs(values, None, (5, 4))
    np.testing.assert_array_equal(found[0], values.reshape(3, 4))
