"""Every pooling, every backbone and foreign models, in both formats."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from small_networks import several_maps

from kerasfg.export import export_onnx
from kerasfg.export import export_tflite
from kerasfg.export import load
from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.layers import BilinearPooling
from kerasfg.layers import CompactBilinearPooling
from kerasfg.layers import HierarchicalBilinearPooling
from kerasfg.layers import ResidualSigmoidAttention
from kerasfg.models import FineGrainedClassifier
from kerasfg.models import backbone

EXPORTERS = {"tflite": export_tflite, "onnx": export_onnx}


def _pictures(size):
    """Eight that differ in colour and brightness."""
    rng = np.random.default_rng(1)
    tint = rng.integers(0, 256, (8, 1, 1, 3))
    noise = rng.integers(0, 256, (8, size, size, 3))
    light = np.arange(2, 10)[:, None, None, None]
    return ((tint * 2 + noise) * light // 30).astype("uint8")


def _normalize(model, inputs):
    """Gives normalization layers the means and variances of the pictures.

    Without them the pictures look alike after some layers, but for rounding.
    """
    rng = np.random.default_rng(0)
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.gamma.assign(rng.uniform(0.5, 1.5, layer.gamma.shape))
            layer.beta.assign(rng.normal(size=layer.beta.shape) * 0.1)
            layer.momentum = 0.0
    model(inputs, training=True)


def _spread(model, predict):
    """Scales the last layer until the pictures differ in their classes."""
    kernel = [x for x in model.weights if x.path.endswith("kernel")][-1]
    bias = [x for x in model.weights if x.path.endswith("bias")][-1]
    for _ in range(6):
        probabilities = predict()
        if probabilities.min() > 1e-3:
            break
        kernel.assign(kernel / 10)
    logits = np.log(probabilities.astype("float64"))
    logits -= logits.mean(axis=1, keepdims=True)
    spread = 6 * logits.std(axis=0).max()
    kernel.assign(kernel / spread)
    bias.assign(-logits.mean(axis=0) / spread)


def _check(model, suffix, folder, size=16, **kwargs):
    """Exports; compares with Keras on pictures that differ."""
    images = _pictures(size)
    graph = inference_graph(model, **kwargs)
    _normalize(model, graph.scaling.prepare(images.astype("float32")))
    _spread(model, lambda: graph.predict(images))
    expected = graph.predict(images)
    assert np.ptp(expected, axis=0).max() > 0.03  # 300 tolerances
    path = folder / f"m.{suffix}"
    EXPORTERS[suffix](model, path, **kwargs)
    classifier = load(path)
    given = classifier.predict(images)
    np.testing.assert_allclose(given, expected, atol=1e-4)
    assert not [x for x in classifier.operators if ":" in x or "DFT" in x]
    return expected


# === Our own ===


@pytest.fixture
def two_streams(tiny_backbone):
    first, second = tiny_backbone(), tiny_backbone(filters=6)
    return [first, keras.Model(second.inputs[0], second.output)]


# Those of one map are proven by the tests of each layer, and by stacks below.
POOLINGS = {
    "hierarchical": lambda: HierarchicalBilinearPooling(16),
    "two_streams": lambda: CompactBilinearPooling(32),
}


@pytest.mark.parametrize("pooling", POOLINGS)
def test_pooling_of_several_maps(pooling, two_streams, suffix, tmp_path):
    keras.utils.set_random_seed(0)
    network = two_streams
    if pooling == "hierarchical":
        network = several_maps((6, 5, 4), stride=1)
    model = FineGrainedClassifier(
        network, 5, attention=True, pooling=POOLINGS[pooling]()
    )
    expected = _check(model, suffix, tmp_path)
    pixels = _pictures(16).astype("float32")
    np.testing.assert_allclose(
        model.predict(pixels, verbose=0), expected, atol=1e-6
    )


# EfficientNet-Lite0 and MobileNet follow below; the others have the same
# layers, more often.
SMALLEST = ["resnet_18", "densenet_121", "vgg_16"]


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALLEST)
def test_a_backbone_of_each_family(name, tmp_path):
    keras.utils.set_random_seed(0)
    model = FineGrainedClassifier(backbone(name, 32, 48, 16, weights=None), 5)
    for suffix in EXPORTERS:
        _check(model, suffix, tmp_path, 32)


@pytest.mark.slow
def test_lite0_with_compact_bilinear_pooling(suffix, tmp_path):
    keras.utils.set_random_seed(0)
    network = backbone("efficientnet_lite0", 32, 64, 16, weights=None)
    model = FineGrainedClassifier(
        network, 5, attention=True, pooling="compact_bilinear"
    )
    _check(model, suffix, tmp_path, 32)


LAYERS = {
    "attention": ResidualSigmoidAttention,
    "batch_normalization": keras.layers.BatchNormalization,
    "convolution": lambda: keras.layers.Conv2D(6, 3, padding="same"),
    "depthwise": lambda: keras.layers.DepthwiseConv2D(3, padding="same"),
    "dropout": lambda: keras.layers.Dropout(0.5),
    "gelu": lambda: keras.layers.Activation("gelu"),
    "grouped": lambda: keras.layers.Conv2D(8, 3, groups=2, padding="same"),
    "max_pooling": lambda: keras.layers.MaxPooling2D(),
    "relu": keras.layers.ReLU,
}
HEADS = {
    "average": keras.layers.GlobalAveragePooling2D,
    "bilinear": BilinearPooling,
    "random_maclaurin": lambda: CompactBilinearPooling(16, "random_maclaurin"),
    "tensor_sketch": lambda: CompactBilinearPooling(16),
}


def _check_stack(names, head, softmax, input_range, folder):
    keras.utils.set_random_seed(len(names))
    images = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(8, 3, padding="same")(images)
    for name in names:
        if name != "grouped" or x.shape[-1] % 2 == 0:
            x = LAYERS[name]()(x)
    x = keras.layers.Dense(4)(HEADS[head]()(x))
    x = keras.layers.Softmax()(x) if softmax else x
    model = keras.Model(images, x)
    kwargs = {"input_range": input_range}
    if not softmax:
        kwargs["output"] = "logits"
    for suffix in EXPORTERS:
        _check(model, suffix, folder, **kwargs)


STACKS = {
    "names": st.lists(st.sampled_from(sorted(LAYERS)), max_size=4),
    "head": st.sampled_from(sorted(HEADS)),
    "softmax": st.booleans(),
    "input_range": st.sampled_from([(0, 255), (0, 1), (-1, 1)]),
}


@pytest.mark.slow
@settings(deadline=None, max_examples=12, derandomize=True)
@given(**STACKS)
def test_random_stack(tmp_path_factory, **stack):
    _check_stack(folder=tmp_path_factory.mktemp("stack"), **stack)


# === Foreign ===


@pytest.mark.slow
def test_mobilenet_v2_of_keras(suffix, tmp_path):
    keras.utils.set_random_seed(0)
    model = keras.applications.MobileNetV2(
        (32, 32, 3), 0.35, weights=None, classes=5
    )
    with pytest.raises(ValueError, match=r"'Conv1' \(Conv2D\), does not show"):
        EXPORTERS[suffix](model, tmp_path / f"m.{suffix}")
    assert not list(tmp_path.iterdir())
    _check(model, suffix, tmp_path, 32, input_range=(-1, 1))


@pytest.mark.slow
def test_mobilenet_v3_with_its_preprocessing_inside(suffix, tmp_path):
    keras.utils.set_random_seed(0)
    model = keras.applications.MobileNetV3Small(
        (32, 32, 3), weights=None, classes=5
    )
    _check(model, suffix, tmp_path, 32)


@pytest.mark.slow
def test_hub_mobilenet_with_grouped_convolutions(suffix, tmp_path):
    import keras_hub

    from kerasfg.models.architectures import ARCHITECTURES

    keras.utils.set_random_seed(0)
    config = ARCHITECTURES["mobilenet_v3_small"].config
    converter = keras_hub.layers.MobileNetImageConverter(
        image_size=(32, 32), scale=1 / 127.5, offset=-1
    )
    model = keras_hub.models.MobileNetImageClassifier(
        backbone=keras_hub.models.MobileNetBackbone(**config),
        num_classes=5,
        preprocessor=keras_hub.models.MobileNetImageClassifierPreprocessor(
            converter
        ),
    )
    _check(model, suffix, tmp_path, 32)


def test_exact_gelu(make_classifier, tmp_path):
    """Keras writes it with an operator that tf2onnx does not know."""
    model = make_classifier(extra=keras.layers.Activation("gelu"))
    _check(model, "onnx", tmp_path)
    assert "Erf" in load(tmp_path / "m.onnx").operators


def test_one_of_two_outputs(tiny_classifier, suffix, tmp_path):
    logits = tiny_classifier.get_layer("logits").output
    outputs = {"logits": logits, "probabilities": tiny_classifier.output}
    model = keras.Model(tiny_classifier.input, outputs)
    path = tmp_path / f"m.{suffix}"
    with pytest.raises(ValueError, match="'logits', 'probabilities'. Received"):
        EXPORTERS[suffix](model, path)
    assert not list(tmp_path.iterdir())
    EXPORTERS[suffix](model, path, output_name="logits", output="logits")
    images = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), "uint8")
    np.testing.assert_allclose(
        load(path).predict(images),
        tiny_classifier.predict(images.astype("float32"), verbose=0),
        atol=1e-5,
    )
