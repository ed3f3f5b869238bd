"""A model as a function from pictures to probabilities."""

import keras
import numpy as np
import pytest

from kerasfg.export.inference.classifier import classifier

PICTURES = np.zeros((2, 16, 16, 3), "uint8")


def network(size=16, dtype="float32"):
    """Returns the input and the output of a small one."""
    images = keras.Input((size, size, 3))
    x = keras.layers.Rescaling(1 / 255)(images)
    x = keras.layers.Conv2D(4, 3)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    head = keras.layers.Dense(3, activation="softmax", dtype=dtype)
    return images, head(x)


@pytest.mark.parametrize("form", [lambda x: {"species": x}, lambda x: [x]])
def test_one_output_in_a_dictionary_or_list(form):
    images, output = network()
    found = classifier(keras.Model(images, form(output)))
    expected = keras.Model(images, output).predict(PICTURES, verbose=0)
    predicted = found.as_model().predict(PICTURES, verbose=0)
    np.testing.assert_allclose(predicted, expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "float64", "mixed_float16"])
def test_other_floats_are_computed_in_float32(dtype):
    found = classifier(keras.Model(*network(dtype=dtype)))
    predicted = found.as_model().predict(PICTURES, verbose=0)
    assert predicted.dtype == found.predict(PICTURES).dtype == "float32"


def test_a_size_that_is_too_small_is_refused():
    model = keras.Model(*network(None))
    assert classifier(model, image_size=3).image_size == 3
    with pytest.raises(ValueError) as caught:
        classifier(model, image_size=2)
    text = str(caught.value)
    assert text.startswith("The model does not run on one picture of 2 pixels:")
    assert len(text.splitlines()) == 1 and "\x1b" not in text
