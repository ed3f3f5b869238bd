"""Both formats: what they hold, and what they refuse."""

import hashlib
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import ops

from kerasfg.export import export_onnx
from kerasfg.export import export_tflite
from kerasfg.export import load
from kerasfg.models import FineGrainedClassifier

EXPORTERS = {"tflite": export_tflite, "onnx": export_onnx}
OPERATORS = {
    "tflite": {"CAST", "CONV_2D", "MEAN", "FULLY_CONNECTED", "SOFTMAX"},
    "onnx": {"Cast", "Conv", "Relu", "GlobalAveragePool", "Softmax"},
}


class Fourier(keras.layers.Layer):
    def call(self, inputs):
        real, imaginary = ops.rfft(inputs)
        return ops.irfft((real * real, imaginary))


class HeldTensor(keras.layers.Layer):
    """Holds a constant as an eager tensor, too large to be inlined."""

    def build(self, input_shape):
        values = np.random.default_rng(0).normal(size=(input_shape[-1], 64))
        self.matrix = ops.convert_to_tensor(values.astype("float32"))

    def call(self, inputs):
        return ops.matmul(inputs, self.matrix)


@pytest.mark.parametrize(("name", "size"), [("", 48), ("_pixels16", 16)])
def test_contract(exported, suffix, name, size):
    classifier = load(exported / f"model{name}.{suffix}")
    assert (classifier.image_size, classifier.num_classes) == (size, 5)
    assert OPERATORS[suffix] <= set(classifier.operators)
    assert list(classifier.operators) == sorted(classifier.operators)
    assert not [name for name in classifier.operators if ":" in name]


def test_gives_what_keras_gives(exported, suffix, pictures, probabilities):
    given = load(exported / f"model_pixels16.{suffix}").predict(pictures)
    assert given.dtype == "float32"
    np.testing.assert_allclose(given, probabilities, atol=1e-5)
    assert len(set(given.argmax(axis=1))) > 1  # not one class for all


def test_signature_is_named(exported):
    import ai_edge_litert.interpreter
    import onnx

    interpreter = ai_edge_litert.interpreter.Interpreter(
        model_path=str(exported / "model.tflite")
    )
    names = {"inputs": ["image"], "outputs": ["probabilities"]}
    assert interpreter.get_signature_list() == {"serving_default": names}
    proto = onnx.load(exported / "model.onnx")
    onnx.checker.check_model(proto, full_check=True)
    assert [value.name for value in proto.graph.input] == ["image"]
    assert [value.name for value in proto.graph.output] == ["probabilities"]
    assert [(x.domain, x.version) for x in proto.opset_import] == [("", 17)]


@pytest.mark.slow
def test_same_model_gives_the_same_bytes(make_classifier, suffix, tmp_path):
    contents = set()
    for _ in range(2):
        keras.backend.clear_session()  # the layers get the same names again
        model = make_classifier()
        filepath = tmp_path / f"model.{suffix}"
        for _ in range(2):
            EXPORTERS[suffix](model, filepath)
            contents.add(filepath.read_bytes())
    assert len(contents) == 1


def _models(tiny_backbone):
    """A plain network, one with equal nodes to merge, and one with a loop."""
    keras.utils.set_random_seed(0)
    base = keras.applications.MobileNetV3Small(
        (32, 32, 3), include_top=False, weights=None, pooling="avg"
    )
    outputs = keras.layers.Dense(7, activation="softmax")(base.output)
    yield "plain", keras.Model(base.input, outputs)
    first, second = tiny_backbone(), tiny_backbone(filters=4)
    second = keras.Model(second.input, second.output, name="second")
    yield "streams", FineGrainedClassifier([first, second], 3, True, "bilinear")
    layers = [
        keras.Input((16, 16, 3)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Reshape((16, 48)),
        keras.layers.LSTM(4),
        keras.layers.Dense(3, activation="softmax"),
    ]
    yield "loop", keras.Sequential(layers)


@pytest.mark.slow
def test_same_bytes_in_another_process(tiny_backbone, tmp_path):
    for name, model in _models(tiny_backbone):
        model.save(tmp_path / f"{name}.keras")
    code = (
        "import sys, keras, kerasfg, kerasfg.export as e\n"
        "for name in sys.argv[1:]:\n"
        "    m = keras.saving.load_model(name + '.keras')\n"
        "    e.export_tflite(m, name + '.tflite')\n"
        "    e.export_onnx(m, name + '.onnx')\n"
    )
    names = ["plain", "streams", "loop"]
    hashes = set()
    for seed, order in (("1", names), ("2", names[::-1])):
        subprocess.run(
            (sys.executable, "-P", "-c", code, *order),
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        )
        hashes.add(
            tuple(
                hashlib.sha256(path.read_bytes()).hexdigest()
                for path in sorted(tmp_path.iterdir())
            )
        )
    assert len(hashes) == 1


def test_mixed_precision_is_exported_in_float32(
    make_classifier, suffix, pictures, tmp_path
):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = make_classifier()
    finally:
        keras.config.set_dtype_policy("float32")
    half = np.asarray(model(pictures.astype("float32")))
    EXPORTERS[suffix](model, tmp_path / f"m.{suffix}")
    given = load(tmp_path / f"m.{suffix}").predict(pictures)
    np.testing.assert_allclose(given, half, atol=0.02)
    assert model.layers[2].compute_dtype == "float16"  # it was not changed


def test_eager_tensor_in_a_layer_becomes_a_constant(
    make_classifier, suffix, pictures, tmp_path
):
    model = make_classifier(extra=HeldTensor())
    EXPORTERS[suffix](model, tmp_path / f"m.{suffix}")
    given = load(tmp_path / f"m.{suffix}").predict(pictures)
    expected = model(pictures.astype("float32"))
    np.testing.assert_allclose(given, expected, atol=1e-5)


def test_dropout_and_augmentation_are_gone(
    make_classifier, suffix, pictures, tmp_path
):
    augment = keras.Sequential(
        [keras.layers.RandomFlip(), keras.layers.Dropout(0.5)]
    )
    model = make_classifier(extra=augment)
    EXPORTERS[suffix](model, tmp_path / f"m.{suffix}")
    classifier = load(tmp_path / f"m.{suffix}")
    assert OPERATORS[suffix] <= set(classifier.operators)
    assert not [x for x in classifier.operators if "random" in x.lower()]


def test_conversion_is_silent(tiny_classifier, suffix, tmp_path, capfd):
    EXPORTERS[suffix](tiny_classifier, tmp_path / f"m.{suffix}")
    assert capfd.readouterr() == ("", "")


def test_fourier_layer_is_named(make_classifier, suffix, tmp_path, capfd):
    model = make_classifier(extra=Fourier(name="sketch"))
    with pytest.raises(
        ValueError, match=r"matrices.*IRFFT in layer 'sketch' \(Fourier\)"
    ):
        EXPORTERS[suffix](model, tmp_path / f"m.{suffix}")
    assert not list(tmp_path.iterdir())
    assert capfd.readouterr() == ("", "")


def test_wrong_suffix_is_refused(tiny_classifier, suffix, tmp_path):
    with pytest.raises(ValueError, match=f"must end in .{suffix}. Received"):
        EXPORTERS[suffix](tiny_classifier, tmp_path / "m.pb")
