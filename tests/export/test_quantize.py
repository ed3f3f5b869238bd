"""Smaller files: what they hold, and how near to Keras they are."""

import hashlib
import os
import subprocess
import sys

import keras
import numpy as np
import onnx
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from onnx import numpy_helper

from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.onnx import convert_onnx
from kerasfg.export.quantize import VARIANTS
from kerasfg.export.quantize import quantize
from kerasfg.export.runtime.onnx_classifier import ONNXClassifier
from kerasfg.export.runtime.tflite_classifier import TFLiteClassifier
from kerasfg.export.tflite import convert_tflite
from kerasfg.export.tflite_file.graph import tflite_graph
from kerasfg.export.tflite_file.named_buffer import with_buffer
from kerasfg.layers import BilinearPooling

CONVERTERS = {"tflite": convert_tflite, "onnx": convert_onnx}
RUNTIMES = {"tflite": TFLiteClassifier, "onnx": ONNXClassifier}
ALL = [(suffix, x) for suffix, names in VARIANTS.items() for x in names]
CLASSES = 6


def _stripes(count, seed):
    """Noisy stripes of six directions, near enough to be mistaken."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % CLASSES
    y, x = np.mgrid[:16, :16]
    angles = (labels * np.pi / CLASSES)[:, None, None]
    phases = random.uniform(0, 2 * np.pi, (count, 1, 1))
    waves = np.sin(1.2 * (x * np.cos(angles) + y * np.sin(angles)) + phases)
    images = (
        128 + 40 * waves[..., None] + random.normal(0, 70, (count, 16, 16, 3))
    )
    return np.clip(images, 0, 255).astype("uint8"), labels


def _train(pooling):
    """A residual network with a depthwise convolution, in some seconds."""
    keras.utils.set_random_seed(3)
    images = keras.Input((16, 16, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1)(images)
    x = keras.layers.Conv2D(48, 3, strides=2, use_bias=False)(x)
    x = keras.layers.ReLU(6)(keras.layers.BatchNormalization()(x))
    y = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    y = keras.layers.ReLU(6)(keras.layers.BatchNormalization()(y))
    y = keras.layers.Conv2D(48, 1)(y)
    x = keras.layers.Conv2D(96, 3, strides=2)(keras.layers.Add()([x, y]))
    x = keras.layers.Conv2D(64, 3)(keras.layers.ReLU()(x))
    x = pooling(keras.layers.ReLU()(x))
    x = keras.layers.Dense(CLASSES, name="logits")(x)
    model = keras.Model(images, keras.layers.Softmax()(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    pictures, labels = _stripes(1200, seed=0)
    model.fit(
        pictures.astype("float32"), labels, batch_size=50, epochs=5, verbose=0
    )
    return model


class Trained:
    """A model, its float32 files, and what each variant of them gives."""

    def __init__(self, pooling):
        self.model = _train(pooling)
        self.calibration = _stripes(120, seed=1)[0]
        self.images, self.labels = _stripes(600, seed=2)
        graph = inference_graph(self.model)
        self.expected = graph.predict(self.images)
        self.float32 = {
            suffix: convert(graph) for suffix, convert in CONVERTERS.items()
        }
        self.files = {
            (suffix, variant): quantize(
                self.float32[suffix], variant, self.calibration
            )
            for suffix, variant in ALL
        }

    def given(self, suffix, variant):
        contents = self.files[suffix, variant]
        return RUNTIMES[suffix](contents).predict(self.images)


@pytest.fixture(scope="module")
def average():
    return Trained(keras.layers.GlobalAveragePooling2D())


@pytest.fixture(scope="module")
def bilinear():
    return Trained(BilinearPooling())


@pytest.mark.parametrize(("suffix", "variant"), ALL)
def test_contract(average, suffix, variant):
    contents = average.files[suffix, variant]
    classifier = RUNTIMES[suffix](contents)  # checks input and output
    assert (classifier.image_size, classifier.num_classes) == (16, CLASSES)
    assert not [name for name in classifier.operators if ":" in name]
    ratio = len(contents) / len(average.float32[suffix])
    assert ratio < (0.54 if variant == "float16" else 0.36)


def test_signature_is_named(average):
    names = {"inputs": ["image"], "outputs": ["probabilities"]}
    for suffix, variant in ALL:
        contents = average.files[suffix, variant]
        if suffix == "tflite":
            signatures = Interpreter(
                model_content=contents
            ).get_signature_list()
            assert signatures == {"serving_default": names}
        else:
            proto = onnx.load_model_from_string(contents)
            assert [x.name for x in proto.graph.input] == ["image"]
            assert [x.name for x in proto.graph.output] == ["probabilities"]
            assert [(x.domain, x.version) for x in proto.opset_import] == [
                ("", 17)
            ]


def test_int8_weights_are_the_nearest_of_their_scale(average):
    kernel = average.model.get_layer("logits").kernel.numpy()
    found = _tensor(average.files["tflite", "dynamic"], (CLASSES, 64), "int8")
    # Old runtimes take the first of several scales for all classes.
    weights, (scale,) = found
    np.testing.assert_allclose(scale, abs(kernel).max() / 127, rtol=1e-3)
    for unit in range(CLASSES):
        for feature in range(64):
            exact = kernel[feature, unit] / scale
            assert abs(weights[unit, feature] - exact) <= 0.5 + 1e-3


def test_float16_weights_are_the_nearest(average):
    kernel = average.model.get_layer("logits").kernel.numpy()
    half = kernel.astype("float16")
    contents = average.files["tflite", "float16"]
    weights, _ = _tensor(contents, (CLASSES, 64), "float16")
    np.testing.assert_array_equal(weights, half.T)
    proto = onnx.load_model_from_string(average.files["onnx", "float16"])
    stored = [numpy_helper.to_array(x) for x in proto.graph.initializer]
    halves = [x for x in stored if x.shape in (half.shape, half.T.shape)]
    assert [x.dtype for x in halves] == ["float16"]
    np.testing.assert_array_equal(np.sort(halves[0], None), np.sort(half, None))


def _tensor(contents, shape, dtype):
    """Finds the constant of a shape; returns its values and scales."""
    interpreter = Interpreter(model_content=contents)
    details = interpreter.get_tensor_details()
    interpreter.allocate_tensors()  # gives each channel a scale of its own
    (found,) = (
        tensor
        for tensor in details
        if tuple(tensor["shape"]) == shape
        and np.dtype(tensor["dtype"]) == dtype
    )
    scales = found["quantization_parameters"]["scales"]
    return interpreter.get_tensor(found["index"]), scales


@pytest.mark.parametrize(("suffix", "variant"), ALL)
@pytest.mark.parametrize(
    "head", ["average", pytest.param("bilinear", marks=pytest.mark.slow)]
)
def test_names_the_classes_that_keras_names(head, suffix, variant, request):
    trained = request.getfixturevalue(head)
    given = trained.given(suffix, variant)
    right = trained.expected.argmax(1) == trained.labels
    assert 0.6 < right.mean() < 0.98  # some pictures are near a border
    accuracy = (given.argmax(1) == trained.labels).mean()
    assert accuracy >= right.mean() - 0.01
    difference = np.abs(given - trained.expected)
    assert difference.max() > 1e-6  # it is another file
    if variant == "float16":
        assert difference.max() < 0.01
    else:
        assert difference.mean() < 0.01


def test_order_of_the_pictures_does_not_matter(average):
    for suffix in VARIANTS:
        again = quantize(
            average.float32[suffix], "int8", average.calibration[::-1]
        )
        assert again == average.files[suffix, "int8"]


def test_same_file_gives_the_same_bytes(average):
    for suffix, variant in ALL:
        again = quantize(average.float32[suffix], variant, average.calibration)
        assert again == average.files[suffix, variant]


@pytest.mark.slow
def test_same_bytes_in_another_process(average, tmp_path):
    np.save(tmp_path / "images.npy", average.calibration)
    expected = []
    for suffix, variant in ALL:
        (tmp_path / suffix).write_bytes(average.float32[suffix])
        contents = average.files[suffix, variant]
        expected.append(hashlib.sha256(contents).hexdigest())
    code = (
        "import hashlib, numpy as np, pathlib\n"
        "from kerasfg.export.quantize import quantize\n"
        "images = np.load('images.npy')\n"
        f"for suffix, variant in {ALL}:\n"
        "    contents = pathlib.Path(suffix).read_bytes()\n"
        "    contents = quantize(contents, variant, images)\n"
        "    print(hashlib.sha256(contents).hexdigest())\n"
    )
    ran = subprocess.run(
        (sys.executable, "-P", "-c", code),
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": "7"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.split() == expected


def test_weights_are_inside_the_flatbuffer(average):
    contents = average.files["tflite", "int8"]
    model = schema.Model.GetRootAs(contents)
    assert not any(
        model.Buffers(i).Offset() for i in range(model.BuffersLength())
    )
    rewritten = TFLiteClassifier(with_buffer(contents, "NOTE", b"hello"))
    np.testing.assert_array_equal(
        rewritten.predict(average.images), average.given("tflite", "int8")
    )


def test_operators_have_their_codes_where_old_readers_look(average):
    """There 0 would be ADD; newer codes than 127 do not occur."""
    for variant in VARIANTS["tflite"]:
        contents = average.files["tflite", variant]
        model = schema.Model.GetRootAs(contents)
        kinds = map(model.OperatorCodes, range(model.OperatorCodesLength()))
        codes = [(x.DeprecatedBuiltinCode(), x.BuiltinCode()) for x in kinds]
        assert (0, 0) in codes  # this network adds
        assert all(old == new for old, new in codes), variant


def test_depthwise_weights_of_dynamic_are_float16(average):
    """For its int8 weights LiteRT has no fast kernel."""
    contents = average.files["tflite", "dynamic"]
    kinds = [operator.kind for operator in tflite_graph(contents)]
    assert kinds.count("DEQUANTIZE") == kinds.count("DEPTHWISE_CONV_2D") == 1


def test_batch_normalization_is_folded_before_onnx_is_rounded(average):
    proto = onnx.load_model_from_string(average.files["onnx", "int8"])
    kinds = [node.op_type for node in proto.graph.node]
    before = kinds[: kinds.index("Conv")]
    assert "Mul" not in kinds[len(before) :]
    assert kinds.count("Add") - before.count("Add") == 1  # the residual


@pytest.mark.slow
def test_network_without_convolutions(pictures):
    images = keras.Input((16, 16, 3))
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(images))
    outputs = keras.layers.Dense(5, activation="softmax")(x)
    graph = inference_graph(keras.Model(images, outputs))
    expected = graph.predict(pictures)
    for suffix, variant in ALL:
        contents = quantize(CONVERTERS[suffix](graph), variant, pictures)
        given = RUNTIMES[suffix](contents).predict(pictures)
        np.testing.assert_allclose(given, expected, atol=0.02)


def test_is_silent(average, capfd):
    for suffix, variant in ALL:
        quantize(average.float32[suffix], variant, average.calibration[:2])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("variant", ["int8", "mixed"])
def test_rejects_missing_pictures(average, variant):
    with pytest.raises(ValueError, match="needs training pictures.*=None"):
        quantize(average.float32["tflite"], variant)


def test_rejects_pictures_of_another_size(average, suffix):
    images = np.zeros((3, 8, 8, 3), "uint8")
    with pytest.raises(ValueError, match="must be uint8 of shape.*Received"):
        quantize(average.float32[suffix], "int8", images)


def test_rejects_an_unknown_variant(average):
    with pytest.raises(ValueError, match="one of float16, int8. Received.*mix"):
        quantize(average.float32["onnx"], "mixed", average.calibration)
    with pytest.raises(ValueError, match="Received: variant='int4'"):
        quantize(average.float32["tflite"], "int4", average.calibration)


def test_error_names_the_variant(average):
    kernel = average.model.get_layer("logits").kernel.numpy().T
    contents = average.float32["tflite"]
    broken = contents.replace(
        np.ascontiguousarray(kernel).tobytes(),
        np.full_like(kernel, np.nan).tobytes(),
    )
    assert broken != contents
    with pytest.raises(ValueError, match="to int8: .*not finite.*Received"):
        quantize(broken, "int8", average.calibration)


def test_rejects_what_is_no_model():
    for contents in (b"hello", b"\0\0\0\0TFL3hello"):
        with pytest.raises(ValueError, match="broken"):
            quantize(contents, "float16")
