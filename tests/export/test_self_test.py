"""The picture that a phone checks itself with."""

import base64

import numpy as np

from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.self_test import describe_answer
from kerasfg.export.self_test import describe_image
from kerasfg.export.self_test import self_test_image


def test_is_a_picture_that_keras_is_unsure_of(make_classifier):
    graph = inference_graph(make_classifier())
    image = self_test_image(graph)
    assert image.shape == (16, 16, 3)
    assert image.dtype == "uint8"
    np.testing.assert_array_equal(self_test_image(graph), image)
    noise = np.random.default_rng(5).integers(0, 256, (50, 16, 16, 3), "uint8")
    usual = np.median(graph.predict(noise).max(axis=1))
    assert graph.predict(image[None]).max() < usual


def test_travels_as_text():
    image = np.arange(2 * 2 * 3, dtype="uint8").reshape(2, 2, 3)
    text = describe_image(image)["image"]
    assert list(base64.b64decode(text)) == list(range(12))


def test_rounded_numbers_may_differ_by_more():
    given = np.array([0.25, 0.75], "float32")
    assert describe_answer(given, "float32") == {
        "probabilities": [0.25, 0.75],
        "tolerance": 1e-4,
    }
    assert describe_answer(given, "int8")["tolerance"] == 0.02
