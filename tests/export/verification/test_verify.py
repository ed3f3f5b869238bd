"""Files that are not what the Keras model is."""

import pathlib
import shutil

import numpy as np
import pytest

from kerasfg.export import Verification
from kerasfg.export import VerificationError
from kerasfg.export import verify
from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.onnx import convert_onnx
from kerasfg.export.tflite import convert_tflite
from kerasfg.export.verification.limits import Limits


@pytest.fixture
def lone(exported, suffix, tmp_path):
    """A model without its kerasfg.json."""
    return pathlib.Path(
        shutil.copy(exported / f"model_pixels16.{suffix}", tmp_path)
    )


@pytest.fixture
def listed(exported, suffix, tmp_path):
    """A model with its kerasfg.json."""
    shutil.copytree(exported, tmp_path / "copy")
    return tmp_path / "copy" / f"model_pixels16.{suffix}"


def test_good_file_passes(listed, pictures, probabilities):
    found = verify(listed, pictures, probabilities)
    assert isinstance(found, Verification)
    assert (found.name, found.variant) == (listed.name, "float32")
    assert (found.pictures, found.bytes) == (12, listed.stat().st_size)
    assert 0 <= found.mean_difference <= found.max_difference < 1e-5
    assert found.top_1_agreement == 1
    assert (found.accuracy, found.keras_accuracy) == (None, None)
    assert found.integrity == "checked"
    assert found.passed and found.failures == found.notes == ()
    found.check()


def test_labels_give_the_accuracy(lone, pictures, probabilities):
    labels = probabilities.argmax(axis=1)
    labels[:3] = (labels[:3] + 1) % 5
    found = verify(lone, pictures, probabilities, labels, "int8")
    assert found.accuracy == found.keras_accuracy == 0.75
    assert (found.integrity, found.variant) == ("unknown", "int8")
    assert found.passed


def test_near_chance_is_no_judgement(lone, pictures, probabilities):
    labels = (probabilities.argmax(axis=1) + 1) % 5
    found = verify(lone, pictures, probabilities, labels, "int8")
    with pytest.raises(VerificationError, match="right for 0.0 % of the"):
        found.check()


def _flip_weights(contents, model):
    """Turns the sign of every weight of the last layer."""
    kernel = next(w for w in model.weights if w.shape == (8, 5)).numpy()
    for weights in (kernel, np.ascontiguousarray(kernel.T)):
        if weights.tobytes() in contents:
            return contents.replace(weights.tobytes(), (-weights).tobytes())
    pytest.fail("the weights are not in the file")


def test_flipped_weights_fail(lone, tiny_classifier, pictures, probabilities):
    # Without metadata, which has a hash of its own.
    convert = convert_tflite if lone.suffix == ".tflite" else convert_onnx
    contents = convert(inference_graph(tiny_classifier))
    lone.write_bytes(_flip_weights(contents, tiny_classifier))
    found = verify(lone, pictures, probabilities)
    assert not found.passed
    assert found.top_1_agreement < 1
    with pytest.raises(
        VerificationError,
        match=r"pixels16.\w+ differs too much from Keras. A probability of "
        r"picture \d+ of 12 differs by [0-9.]+",
    ):
        found.check()
    wide = Limits(max_difference=1)
    assert verify(lone, pictures, probabilities, limits=wide).passed


def test_the_hash_detects_any_flipped_bit(listed, pictures, probabilities):
    whole = listed.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(200):
        contents = bytearray(whole)
        contents[rng.integers(len(whole))] ^= 1 << int(rng.integers(8))
        listed.write_bytes(contents)
        with pytest.raises(VerificationError, match="not the file that was"):
            verify(listed, pictures, probabilities)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.999])
def test_the_hash_detects_a_truncated_file(
    listed, pictures, probabilities, share
):
    contents = listed.read_bytes()
    listed.write_bytes(contents[: int(share * len(contents))])
    with pytest.raises(VerificationError, match="not the file that was"):
        verify(listed, pictures, probabilities)


def test_without_a_hash_a_flipped_bit_is_refused_or_harmless(
    lone, pictures, probabilities
):
    whole = lone.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(16):
        contents = bytearray(whole)
        contents[rng.integers(len(whole))] ^= 1 << int(rng.integers(8))
        lone.write_bytes(contents)
        try:
            found = verify(lone, pictures, probabilities)
            found.check()
        except VerificationError as error:
            refused += 1
            assert lone.name in str(error)
        else:
            assert found.max_difference <= 1e-4
    assert refused


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.99])
def test_without_a_hash_a_truncated_file_is_refused(
    lone, pictures, probabilities, share
):
    contents = lone.read_bytes()
    lone.write_bytes(contents[: int(share * len(contents))])
    with pytest.raises(VerificationError, match="is not an? |broken"):
        verify(lone, pictures, probabilities)


def test_network_of_other_metadata_is_refused(
    exported, tmp_path, tiny_classifier, pictures, probabilities
):
    contents = (exported / "model_pixels16.tflite").read_bytes()
    path = tmp_path / "model_pixels16.tflite"
    path.write_bytes(_flip_weights(contents, tiny_classifier))
    with pytest.raises(VerificationError, match="was changed since its meta"):
        verify(path, pictures, probabilities)


def test_not_a_number_is_refused(lone, tiny_classifier, pictures):
    kernel = next(w for w in tiny_classifier.weights if w.shape == (8, 5))
    contents = lone.read_bytes()
    for weights in (kernel.numpy(), np.ascontiguousarray(kernel.numpy().T)):
        wrong = np.full_like(weights, np.nan).tobytes()
        contents = contents.replace(weights.tobytes(), wrong)
    lone.write_bytes(contents)
    if lone.suffix == ".onnx":
        _remove_properties(lone)
    with pytest.raises(VerificationError, match="finite.*picture 0 of 12"):
        verify(lone, pictures, np.zeros((12, 5)))


def test_other_number_of_classes_is_refused(lone, pictures):
    with pytest.raises(
        VerificationError, match="model, 4. Received: 5 classes"
    ):
        verify(lone, pictures, np.zeros((12, 4)))


def test_file_that_takes_too_long_is_refused(lone, pictures, probabilities):
    with pytest.raises(VerificationError, match=r"no answer within 0\.01 s"):
        verify(lone, pictures, probabilities, time_limit=0.01)


def test_needs_a_row_for_each_picture(lone, pictures):
    with pytest.raises(ValueError, match=r"each of the 12 pictures. Received"):
        verify(lone, pictures, np.zeros((11, 5)))


def test_needs_a_label_for_each_picture(lone, pictures, probabilities):
    with pytest.raises(ValueError, match=r"each of the 12 .*labels of shape"):
        verify(lone, pictures, probabilities, np.zeros((12, 1), "int32"))


def test_rejects_variant(lone, pictures, probabilities):
    with pytest.raises(ValueError, match="float16.*Received: variant='int4'"):
        verify(lone, pictures, probabilities, variant="int4")


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
    with pytest.raises(VerificationError, match="cannot run.*Flex"):
        verify(tmp_path / "m.tflite", pictures, np.zeros((12, 4)))


def test_operators_of_another_domain_are_refused(exported, tmp_path, pictures):
    import onnx

    proto = onnx.load(exported / "model_pixels16.onnx")
    del proto.metadata_props[:]
    softmax = next(n for n in proto.graph.node if n.op_type == "Softmax")
    softmax.op_type, softmax.domain = "QuickGelu", "com.microsoft"
    del softmax.attribute[:]
    proto.opset_import.append(onnx.helper.make_opsetid("com.microsoft", 1))
    onnx.save(proto, tmp_path / "m.onnx")
    with pytest.raises(VerificationError, match="com.microsoft:QuickGelu"):
        verify(tmp_path / "m.onnx", pictures, np.zeros((12, 5)))


def _remove_properties(file):
    """Makes an .onnx file one of other makers, which has no hash."""
    import onnx

    proto = onnx.load(file)
    del proto.metadata_props[:]
    onnx.save(proto, file)
