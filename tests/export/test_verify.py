"""Files that are not what the Keras model is."""

import shutil

import numpy as np
import pytest

from kerasfg.export import Verification
from kerasfg.export import VerificationError
from kerasfg.export import verify


@pytest.fixture
def lone(exported, suffix, tmp_path):
    return tmp_path / shutil.copy(exported / f"model.{suffix}", tmp_path)


def test_good_file_passes(lone, pictures, probabilities):
    found = verify(lone, pictures, probabilities)
    assert isinstance(found, Verification)
    assert found.pictures == 12
    assert found.bytes == lone.stat().st_size
    assert 0 <= found.mean_difference <= found.max_difference < 1e-5
    assert found.top_1_agreement == 1


def _flip_weights(path, model):
    """Turns the sign of every weight of the last layer."""
    kernel = next(w for w in model.weights if w.shape == (8, 5)).numpy()
    contents = path.read_bytes()
    for weights in (kernel, np.ascontiguousarray(kernel.T)):
        if weights.tobytes() in contents:
            wrong = (-weights).tobytes()
            path.write_bytes(contents.replace(weights.tobytes(), wrong))
            return
    pytest.fail("the weights are not in the file")


def test_flipped_weights_are_refused(
    lone, tiny_classifier, pictures, probabilities
):
    _flip_weights(lone, tiny_classifier)
    with pytest.raises(
        VerificationError,
        match=r"model.\w+ does not give what Keras gives: a probability of "
        r"picture \d+ of 12 differs by [0-9.]+",
    ):
        verify(lone, pictures, probabilities)


def test_any_flipped_bit_is_refused_or_harmless(lone, pictures, probabilities):
    whole = lone.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(40):
        contents = bytearray(whole)
        contents[rng.integers(len(whole))] ^= 1 << int(rng.integers(8))
        lone.write_bytes(contents)
        try:
            found = verify(lone, pictures, probabilities)
        except VerificationError:
            refused += 1
        else:
            assert found.max_difference <= 1e-4
    assert refused


def test_truncated_file_is_refused(lone, pictures, probabilities):
    lone.write_bytes(lone.read_bytes()[:-100])
    with pytest.raises(VerificationError, match="broken"):
        verify(lone, pictures, probabilities)


def test_not_a_number_is_refused(lone, tiny_classifier, pictures):
    kernel = next(w for w in tiny_classifier.weights if w.shape == (8, 5))
    contents = lone.read_bytes()
    for weights in (kernel.numpy(), np.ascontiguousarray(kernel.numpy().T)):
        wrong = np.full_like(weights, np.nan).tobytes()
        contents = contents.replace(weights.tobytes(), wrong)
    lone.write_bytes(contents)
    with pytest.raises(VerificationError, match="not finite.*picture 0 of 12"):
        verify(lone, pictures, np.zeros((12, 5)))


@pytest.fixture
def turned(probabilities):
    """Another top class for picture 7, ahead by `gap`."""

    def turn(gap):
        row = probabilities[7]
        first, second = np.argsort(-row)[:2]
        expected = probabilities.copy()
        middle = (row[first] + row[second]) / 2
        expected[7, [first, second]] = middle - gap / 2, middle + gap / 2
        return expected

    return turn


@pytest.fixture
def lead(probabilities):
    second, first = np.sort(probabilities[7])[-2:]
    return first - second


def test_another_top_class_is_refused(lone, pictures, turned, lead):
    # differs by 1.5 leads, but Keras's own lead is 2
    with pytest.raises(VerificationError, match="1 of 12.*for picture 7"):
        verify(lone, pictures, turned(2 * lead), tolerance=1.8 * lead)


def test_a_tie_is_no_other_class(lone, pictures, turned, lead):
    # differs by 0.6 leads, and Keras's own lead is 0.2
    found = verify(lone, pictures, turned(0.2 * lead), tolerance=0.7 * lead)
    assert found.top_1_agreement == 1


def test_other_number_of_classes_is_refused(lone, pictures):
    with pytest.raises(VerificationError, match="Received: 5 classes, not 4"):
        verify(lone, pictures, np.zeros((12, 4)))


def test_needs_a_row_for_each_picture(lone, pictures):
    with pytest.raises(ValueError, match=r"each of the 12 pictures. Received"):
        verify(lone, pictures, np.zeros((11, 5)))


def test_operators_beyond_the_builtin_are_refused(tmp_path, pictures):
    """An FFT converted with Select TensorFlow operators, as Keras does."""
    import keras
    from keras import ops

    from kerasfg.export.quiet import quiet
    from kerasfg.export.runtime.tflite_classifier import tflite_operators

    class Fourier(keras.layers.Layer):
        def call(self, inputs):
            return ops.irfft(ops.rfft(inputs))

    images = keras.Input((16, 16, 4))
    features = keras.layers.GlobalAveragePooling2D()(Fourier()(images))
    with quiet():
        keras.Model(images, features).export(
            tmp_path / "m.tflite", format="litert", verbose=False
        )
    operators = tflite_operators((tmp_path / "m.tflite").read_bytes())
    assert "CUSTOM:FlexIRFFT" in operators
    with pytest.raises(VerificationError, match="cannot run"):
        verify(tmp_path / "m.tflite", pictures, np.zeros((12, 4)))


def test_operators_of_another_domain_are_refused(exported, tmp_path, pictures):
    import onnx

    proto = onnx.load(exported / "model.onnx")
    softmax = next(n for n in proto.graph.node if n.op_type == "Softmax")
    softmax.op_type, softmax.domain = "QuickGelu", "com.microsoft"
    del softmax.attribute[:]
    proto.opset_import.append(onnx.helper.make_opsetid("com.microsoft", 1))
    onnx.save(proto, tmp_path / "m.onnx")
    with pytest.raises(VerificationError, match="com.microsoft:QuickGelu"):
        verify(tmp_path / "m.onnx", pictures, np.zeros((12, 5)))
