"""Files of both formats that take frames, made of files for exact pixels."""

import keras
import numpy as np
import pytest
from PIL import Image

from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.export import add_metadata
from kerasfg.export import quantize
from kerasfg.export import take_frames
from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.quantize import VARIANTS
from kerasfg.export.runtime.load import runtime_of
from kerasfg.export.write_files import CONVERTERS

ALL = [(x, y) for x in VARIANTS for y in ("float32", *VARIANTS[x])]


@pytest.fixture(scope="module")
def graph(tiny_classifier):
    return inference_graph(tiny_classifier)


@pytest.fixture(scope="module")
def exact(graph):
    return {name: CONVERTERS[name](graph) for name in CONVERTERS}


@pytest.fixture(scope="module")
def frames():
    """Noise has the steepest edges, and its sums go beyond 0 and 255."""
    shape = (6, 100, 100, 3)
    return 255 * np.random.default_rng(0).integers(0, 2, shape, "uint8")


def _small(frames, size=16):
    return np.stack([shrink(Image.fromarray(x), size) for x in frames])


@pytest.mark.parametrize(("format_", "variant"), ALL)
def test_answers_are_those_of_the_shrunk_frame(
    exact, graph, frames, pictures, format_, variant
):
    contents = exact[format_]
    if variant != "float32":
        contents = quantize(contents, variant, pictures)
    runtime = runtime_of(format_)
    file = runtime(take_frames(contents, 100))
    assert (file.image_size, file.num_classes) == (100, 5)
    assert not [name for name in file.operators if ":" in name]
    given = file.predict(frames)
    expected = runtime(contents).predict(_small(frames))
    assert np.ptp(expected, axis=0).max() > 0.01
    np.testing.assert_allclose(given, expected, atol=1e-6)
    if variant == "float32":
        answers = graph.predict(_small(frames))
        np.testing.assert_allclose(given, answers, atol=1e-5)


@pytest.mark.parametrize("format_", ["tflite", "onnx"])
def test_a_network_without_a_convolution_stays_exact(frames, format_):
    """Nothing in its graph shows where the shrinking ends."""
    images = keras.Input((16, 16, 3))
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(images))
    x = keras.layers.Dense(4, activation="softmax")(x)
    contents = CONVERTERS[format_](inference_graph(keras.Model(images, x)))
    contents = quantize(contents, "int8", _small(frames))
    given = runtime_of(format_)(take_frames(contents, 100)).predict(frames)
    expected = runtime_of(format_)(contents).predict(_small(frames))
    np.testing.assert_allclose(given, expected, atol=1e-6)


@pytest.mark.parametrize("format_", ["tflite", "onnx"])
def test_same_file_and_size_give_the_same_bytes(exact, format_):
    once, again, other = (
        take_frames(exact[format_], size) for size in (40, 40, 41)
    )
    assert once == again != other
    assert take_frames(exact[format_], 16) == exact[format_]


def test_names_and_signature_stay(exact):
    import onnx
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=take_frames(exact["tflite"], 40))
    names = {"inputs": ["image"], "outputs": ["probabilities"]}
    assert interpreter.get_signature_list() == {"serving_default": names}
    runner = interpreter.get_signature_runner()
    assert runner.get_input_details()["image"]["shape"].tolist() == [
        *(1, 40, 40, 3)
    ]
    graph = onnx.load_model_from_string(take_frames(exact["onnx"], 40)).graph
    assert [value.name for value in graph.input] == ["image"]
    assert [value.name for value in graph.output] == ["probabilities"]


def test_metadata_are_added_afterwards(exact):
    contents = add_metadata(
        take_frames(exact["tflite"], 40),
        class_names="abcde",
        image_size=40,
        name="Flowers",
    )
    assert runtime_of("tflite")(contents).image_size == 40


@pytest.mark.parametrize("size", [15, 0, 1025, 40.0, "40"])
def test_rejects_sizes(exact, size):
    with pytest.raises(ValueError, match="from the network's 16 to 1024. Rec"):
        take_frames(exact["tflite"], size)


@pytest.mark.parametrize("contents", [b"", b"no model", b"0000TFL3"])
def test_what_is_no_model_is_refused(contents):
    with pytest.raises(ValueError, match="model"):
        take_frames(contents, 40)
