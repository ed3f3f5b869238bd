"""Loading files that are not what they should be."""

import pickle
import shutil

import numpy as np
import pytest

from kerasfg.export import load


@pytest.fixture
def lone(exported, suffix, tmp_path):
    """A model without its kerasfg.json."""
    return shutil.copy(exported / f"model_pixels16.{suffix}", tmp_path)


def test_one_picture_or_many_give_the_same(lone, pictures):
    classifier = load(lone)
    many = classifier.predict(pictures)
    for image, row in zip(pictures, many, strict=True):
        np.testing.assert_array_equal(classifier.predict(image[None])[0], row)


def test_a_copy_in_another_process_gives_the_same(lone, pictures):
    classifier = load(lone)
    copy = pickle.loads(pickle.dumps(classifier.predict))
    np.testing.assert_array_equal(copy(pictures), classifier.predict(pictures))


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((16, 16, 3), "uint8"),
        np.zeros((2, 8, 8, 3), "uint8"),
        np.zeros((2, 16, 16, 3), "float32"),
    ],
)
def test_predict_rejects_images(lone, images):
    with pytest.raises(ValueError, match="`images` must be uint8.*Received"):
        load(lone).predict(images)


def test_predict_rejects_no_images(lone):
    with pytest.raises(ValueError, match="Received: 0 images"):
        load(lone).predict(np.zeros((0, 16, 16, 3), "uint8"))


@pytest.mark.parametrize("contents", [b"", b"hello", b"\0" * 5000])
def test_file_that_is_no_model(lone, suffix, contents):
    with open(lone, "wb") as file:
        file.write(contents)
    with pytest.raises(
        ValueError, match=rf"model_pixels16.{suffix}: this is not an? "
    ):
        load(lone)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_truncated_file(lone, suffix, share):
    with open(lone, "rb+") as file:
        file.truncate(int(file.seek(0, 2) * share))
    with pytest.raises(ValueError, match="model is broken|or it is broken"):
        load(lone)


def test_loading_is_silent(lone, pictures, capfd):
    load(lone).predict(pictures)
    assert capfd.readouterr() == ("", "")


def test_file_changed_since_the_export(exported, suffix, tmp_path):
    shutil.copytree(exported, tmp_path / "copy")
    path = tmp_path / "copy" / f"model_pixels16.{suffix}"
    load(path)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ValueError, match="its SHA-256 must be"):
        load(path)


def test_unknown_suffix(tmp_path):
    with pytest.raises(ValueError, match="ends in .tflite or .onnx. Received"):
        load(tmp_path / "model.h5")


def test_absent_file(tmp_path):
    with pytest.raises(
        ValueError,
        match="export .*again.*model.onnx', which is missing",
    ):
        load(tmp_path / "model.onnx")


def test_too_large_a_file(lone, monkeypatch):
    monkeypatch.setattr("kerasfg.export.runtime.file_contents.MAX_BYTES", 1000)
    with pytest.raises(ValueError, match=r"smaller than .* Received: \d+ byte"):
        load(lone)


def _write_onnx(filepath, inputs, outputs, nodes):
    from onnx import TensorProto
    from onnx import helper

    kinds = {"uint8": TensorProto.UINT8, "float32": TensorProto.FLOAT}

    def values(ports):
        return [
            helper.make_tensor_value_info(name, kinds[dtype], shape)
            for name, dtype, shape in ports
        ]

    graph = helper.make_graph(nodes, "g", values(inputs), values(outputs))
    opset = [helper.make_opsetid("", 17)]
    proto = helper.make_model(graph, ir_version=8, opset_imports=opset)
    filepath.write_bytes(proto.SerializeToString())


@pytest.mark.parametrize(
    ("dtype", "shape", "received"),
    [
        ("float32", (1, 4, 4, 3), r"float32 \(1, 4, 4, 3\)"),
        ("uint8", ("n", 4, 4, 3), r"uint8 \('n', 4, 4, 3\)"),
        ("uint8", (1, 3, 4, 4), r"uint8 \(1, 3, 4, 4\)"),
        ("uint8", (8, 4, 4, 3), r"uint8 \(8, 4, 4, 3\)"),
    ],
)
def test_onnx_of_another_input(tmp_path, dtype, shape, received):
    from onnx import helper

    nodes = [
        helper.make_node("Cast", ["x"], ["c"], to=1),
        helper.make_node("Flatten", ["c"], ["y"]),
    ]
    path = tmp_path / "m.onnx"
    outputs = [("y", "float32", ("a", "b"))]
    _write_onnx(path, [("x", dtype, shape)], outputs, nodes)
    with pytest.raises(ValueError, match=f"one picture of fixed.*{received}"):
        load(path)


def test_onnx_of_two_outputs(tmp_path):
    from onnx import helper

    nodes = [
        helper.make_node("Cast", ["x"], ["y"], to=1),
        helper.make_node("Cast", ["x"], ["z"], to=1),
    ]
    path = tmp_path / "m.onnx"
    ports = [(name, "float32", (1, 4, 4, 3)) for name in "yz"]
    _write_onnx(path, [("x", "uint8", (1, 4, 4, 3))], ports, nodes)
    with pytest.raises(ValueError, match=r"outputs=\['y', 'z'\]"):
        load(path)


def test_tflite_of_dynamic_batch(tiny_classifier, tmp_path):
    import tensorflow as tf

    from kerasfg.export.quiet import quiet

    with quiet():
        signature = tf.TensorSpec((None, 16, 16, 3), "uint8")
        function = tf.function(
            lambda x: tiny_classifier(tf.cast(x, "float32")),
            input_signature=[signature],
            autograph=False,
        )
        converter = tf.lite.TFLiteConverter.from_concrete_functions(
            [function.get_concrete_function()]
        )
        (tmp_path / "m.tflite").write_bytes(converter.convert())
    with pytest.raises(ValueError, match=r"uint8 \(-1, 16, 16, 3\)"):
        load(tmp_path / "m.tflite")
