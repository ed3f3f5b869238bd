"""Frames shrunk inside the graph: bit for bit as Pillow shrinks them."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.export.inference.camera import camera_graph
from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.runtime.tflite_classifier import TFLiteClassifier
from kerasfg.export.tflite import convert_tflite


@pytest.fixture(scope="module")
def graph(tiny_classifier):
    return inference_graph(tiny_classifier)


def _frames(size, count=6):
    """Noise has the steepest edges, and its sums go beyond 0 and 255."""
    shape = (count, size, size, 3)
    return 255 * np.random.default_rng(size).integers(0, 2, shape, "uint8")


def _shrunk(frames, size):
    return np.stack([shrink(Image.fromarray(x), size) for x in frames])


@pytest.mark.parametrize("size", [17, 40, 100, 224, 400])
def test_pixels_are_pillows(size):
    images = keras.Input((16, 16, 3))
    model = keras.Model(images, keras.layers.Flatten()(images))
    graph = inference_graph(model, (0, 255), "logits")
    scaled = []
    object.__setattr__(graph.scaling, "apply", lambda x: scaled.append(x) or x)
    frames = _frames(size)
    function = camera_graph(graph, size).function.python_function
    for frame in frames:
        function(tf.constant(frame[None]))
    given = np.concatenate([x.numpy() for x in scaled[-len(frames) :]])
    np.testing.assert_array_equal(given, _shrunk(frames, 16))


def test_file_gives_what_keras_gives_for_the_shrunk_frame(graph):
    frames = _frames(100)
    classifier = TFLiteClassifier(convert_tflite(camera_graph(graph, 100)))
    assert classifier.image_size == 100
    expected = graph.predict(_shrunk(frames, 16))
    assert np.ptp(expected, axis=0).max() > 0.01
    np.testing.assert_allclose(classifier.predict(frames), expected, atol=1e-5)


@pytest.mark.parametrize("size", [16, 8, 0, 224.0, "224"])
def test_frame_must_be_larger(graph, size):
    with pytest.raises(ValueError, match="larger than .* 16 pixels. Received"):
        camera_graph(graph, size)


def test_frame_must_not_be_too_large_to_be_exact(graph):
    with pytest.raises(ValueError, match="at most about 30 .* camera=800"):
        camera_graph(graph, 800)
