"""Which models take square colour pictures of one size."""

import keras
import numpy as np
import pytest

from kerasfg.export.inference.picture_size import picture_size
from kerasfg.export.inference.picture_size import takes_grey


class Own(keras.Model):
    """A model whose layers stand in its `call`."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(3, activation="softmax")

    def call(self, inputs):
        return self.dense(keras.ops.mean(inputs, (1, 2)))


def _model(shape, batch_size=None):
    images = keras.Input(shape, batch_size, name="photo")
    return keras.Model(images, keras.layers.Flatten()(images))


@pytest.mark.parametrize("batch_size", [None, 1])
def test_fixed_square(batch_size):
    assert picture_size(_model((8, 8, 3), batch_size)) == 8


def test_three_pixels_are_no_channels():
    assert picture_size(_model((3, 3, 3))) == 3


def test_sequential_model():
    layers = [keras.Input((8, 8, 3)), keras.layers.Flatten()]
    assert picture_size(keras.Sequential(layers)) == 8


def test_subclass_takes_what_it_was_called_on():
    model = Own()
    model(np.zeros((5, 8, 8, 3), "float32"))
    assert picture_size(model) == 8


def test_subclass_that_was_never_called():
    with pytest.raises(ValueError, match="or call it on a picture once. Rec"):
        picture_size(Own())


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ((8, 9, 3), "the phone cuts a square"),
        ((8, 8, 2), "the camera gives 3 channels, not 2"),
        ((8, 8, 4), "the camera gives 3 channels, not 4"),
        ((3, 8, 8), "the channels must be last"),
        ((8, 8), "this input is not a picture"),
    ],
)
def test_other_pictures_are_refused(shape, reason):
    with pytest.raises(
        ValueError,
        match=rf"square colour .*{reason}.* Received: .* of layer 'photo'",
    ):
        picture_size(_model(shape))


def test_batch_of_many_is_refused():
    with pytest.raises(
        ValueError, match=r"one picture at a time: .*\(\(8, 8, 3\)\)"
    ):
        picture_size(_model((8, 8, 3), batch_size=4))


@pytest.mark.parametrize("shape", [(None, None, 3), (8, None, 3)])
def test_dynamic_size_is_refused(shape):
    with pytest.raises(ValueError, match="fixed picture size.* layer 'photo'"):
        picture_size(_model(shape))
    assert picture_size(_model(shape), 8) == 8


def test_given_size_must_be_that_of_the_model():
    assert picture_size(_model((8, 8, 3)), 8) == 8
    with pytest.raises(ValueError, match="of 8 pixels.*image_size=9"):
        picture_size(_model((8, 8, 3)), 9)
    with pytest.raises(ValueError, match="whole number.*image_size='8'"):
        picture_size(_model((8, 8, 3)), "8")


def test_grey_pictures_have_one_channel():
    assert takes_grey(_model((8, 8, 1)))
    assert picture_size(_model((8, 8, 1))) == 8
    assert not takes_grey(_model((8, 8, 3)))


def test_two_inputs_are_refused():
    inputs = [keras.Input((8, 8, 3)), keras.Input((8, 8, 3))]
    model = keras.Model(inputs, keras.layers.Add()(inputs))
    with pytest.raises(ValueError, match="one input, the picture"):
        picture_size(model)
