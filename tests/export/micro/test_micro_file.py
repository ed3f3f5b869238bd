"""A small network as a file for microcontrollers, run as they run it."""

import io
import json

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from PIL import Image
from rich.console import Console

from kerasfg.export import export
from kerasfg.export import load
from kerasfg.export import read_manifest
from kerasfg.export.inference.inference_graph import inference_graph
from kerasfg.export.micro.arena import estimate_arena
from kerasfg.export.micro.eight_bits import to_int8
from kerasfg.export.micro.float_input import with_float_input
from kerasfg.export.micro.quantization import _check_ends
from kerasfg.export.micro.quantization import quantize_micro
from kerasfg.export.micro.tflm_classifier import tflm_version
from kerasfg.export.runtime.child_classifier import ChildClassifier
from kerasfg.export.runtime.tflite_classifier import TFLiteClassifier
from kerasfg.export.tflite import convert_tflite
from kerasfg.export.tflite_file.graph import tflite_graph
from kerasfg.layers import CompactBilinearPooling
from kerasfg.run.predictor import load_predictor

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def float32(tiny_classifier):
    return convert_tflite(inference_graph(tiny_classifier))


@pytest.fixture(scope="module")
def micro(float32, pictures):
    return quantize_micro(float32, pictures)


def _details(contents):
    interpreter = Interpreter(model_content=contents)
    return interpreter.get_input_details() + interpreter.get_output_details()


def test_pixels_and_probabilities_are_int8(micro):
    source, target = _details(micro)
    assert (source["dtype"], source["quantization"]) == (np.int8, (1.0, -128))
    assert target["dtype"] == np.int8
    assert target["quantization"] == (1 / 256, -128)
    kinds = {x.kind for x in tflite_graph(micro)}
    assert not kinds & {"CAST", "DEQUANTIZE", "QUANTIZE"}


def test_a_dense_layer_has_one_scale(micro):
    from ai_edge_litert import schema_py_generated as schema

    graph = schema.Model.GetRootAs(micro).Subgraphs(0)
    dense = next(
        graph.Operators(i)
        for i, x in enumerate(tflite_graph(micro))
        if x.kind == "FULLY_CONNECTED"
    )
    kernel = graph.Tensors(dense.Inputs(1))
    assert kernel.Quantization().ScaleLength() == 1


def test_answers_are_near_keras(micro, pictures, probabilities):
    given = TFLiteClassifier(micro).predict(pictures)
    assert given.dtype == "float32"
    assert (given.argmax(axis=1) == probabilities.argmax(axis=1)).mean() > 0.9
    assert np.abs(given - probabilities).mean() < 0.02


def test_the_cast_alone_goes(float32, pictures):
    with_float = with_float_input(float32)
    assert [x.kind for x in tflite_graph(float32)] == [
        "CAST",
        *(x.kind for x in tflite_graph(with_float)),
    ]
    before = Interpreter(model_content=float32)
    after = Interpreter(model_content=with_float)
    answers = []
    for interpreter, dtype in ((before, "uint8"), (after, "float32")):
        run = interpreter.get_signature_runner("serving_default")
        image = pictures[:1].astype(dtype)
        answers.append(run(image=image)["probabilities"])
    np.testing.assert_array_equal(*answers)
    with pytest.raises(ValueError, match="cast to float32 before all else"):
        with_float_input(with_float)


def test_an_answer_of_another_scale_is_refused(float32):
    with pytest.raises(ValueError, match="a softmax over the classes: end"):
        _check_ends(float32)


def _small(units, dtype="float32"):
    keras.utils.set_random_seed(0)
    x = inputs = keras.Input((16, 16, 3), dtype=dtype)
    if dtype == "uint8":
        x = keras.ops.cast(x, "float32")
    x = keras.layers.Rescaling(1 / 255)(x)
    x = keras.layers.Conv2D(4, 3, activation="relu")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dense(
        units,
        "sigmoid" if units == 1 else "softmax",
        kernel_initializer=keras.initializers.RandomNormal(stddev=9),
    )(x)
    return keras.Model(inputs, x)


@pytest.mark.parametrize(("units", "dtype"), [(1, "float32"), (3, "uint8")])
def test_other_ends_of_a_network_fit_as_well(pictures, units, dtype):
    """One sigmoid of two classes; pixels that the network casts itself."""
    graph = inference_graph(_small(units, dtype))
    micro = quantize_micro(convert_tflite(graph), pictures)
    _, target = _details(micro)
    assert target["quantization"] == (1 / 256, -128)
    given = TFLiteClassifier(micro).predict(pictures)
    assert np.abs(given - graph.predict(pictures)).max() < 0.04
    if tflm_version():
        with ChildClassifier(micro, "micro") as classifier:
            there = classifier.predict(pictures)
        np.testing.assert_allclose(there, given, atol=1.5 / 256)


def test_what_controllers_lack_is_refused(make_classifier, pictures):
    sketch = CompactBilinearPooling(16)
    as_map = keras.layers.Reshape((4, 4, 1))
    model = make_classifier(extra=lambda x: as_map(sketch(x)))
    with pytest.raises(ValueError, match="no operator UNSORTED_SEGMENT_SUM"):
        quantize_micro(convert_tflite(inference_graph(model)), pictures)


def test_it_gives_the_same_in_tflite_micro(micro, pictures):
    if tflm_version() is None:
        pytest.skip("needs tflite-micro, of which there are wheels for Linux")
    with ChildClassifier(micro, "micro") as classifier:
        given = classifier.predict(pictures)
        arena = classifier.arena_bytes
    expected = TFLiteClassifier(micro).predict(pictures)
    # The softmax of the two rounds differently, by one step at most.
    np.testing.assert_allclose(given, expected, atol=1.5 / 256)
    same = given.argmax(axis=1) == expected.argmax(axis=1)
    assert same.mean() > 0.9
    assert 2000 < arena < 20000
    assert 0.9 * arena < estimate_arena(micro) < 2 * arena


def test_tflite_micro_refuses_a_file_of_bytes():
    if tflm_version() is None:
        pytest.skip("needs tflite-micro, of which there are wheels for Linux")
    with pytest.raises(ValueError):
        ChildClassifier(b"\0\0\0\0TFL3" + bytes(64), "micro")


@pytest.fixture(scope="module")
def exported(
    tiny_classifier, pictures, probabilities, class_names, tmp_path_factory
):
    out = tmp_path_factory.mktemp("micro") / "exported"
    for _ in range(2):  # the second replaces the first
        export(
            tiny_classifier,
            out,
            pictures,
            "tflite",
            labels=probabilities.argmax(axis=1),
            calibration=pictures,
            class_names=class_names,
            max_drop=0.1,
            micro=True,
        )
    return out


def test_an_export_has_it_and_its_c_array(exported, pictures):
    names = {path.name for path in exported.iterdir()}
    assert names >= {"model_micro.tflite", "model_micro.h", "model_micro.cc"}
    facts = read_manifest(exported)["files"]["model_micro.tflite"]
    assert facts["takes"] == "pixels"
    assert facts["image_size"] == 16
    assert facts["arena_bytes"] > 1000
    assert facts["tflm_version"] == tflm_version()
    if tflm_version():
        assert facts["tflm_agreement"] >= 0.98
    classifier = load(exported / "model_micro.tflite")
    assert classifier.predict(pictures).shape == (12, 5)
    report = json.loads((exported / "report.json").read_text("utf-8"))
    assert any("model_micro.tflite" in note for note in report["notes"])
    size = f"{facts['arena_bytes']} bytes"
    assert size in (exported / "model_micro.h").read_text("ascii")


def test_predict_takes_every_picture(exported, pictures, tmp_path):
    """Its answers are 256ths, which need not add up to 1."""
    raw = load(exported / "model_micro.tflite").predict(pictures)
    assert np.abs(raw.sum(axis=1) - 1).max() > 1e-3
    predictor = load_predictor(exported / "model_micro.tflite")
    for i, picture in enumerate(pictures):
        file = tmp_path / f"{i}.png"
        Image.fromarray(picture).save(file)
        answer = predictor.predict(file, top=5)
        assert sum(p for _, p in answer["top"]) == pytest.approx(1, abs=1e-5)


def test_without_tflite_micro_it_says_so(
    tiny_classifier, pictures, class_names, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        "kerasfg.export.micro.on_controller.tflm_version", lambda: None
    )
    report = export(
        tiny_classifier,
        tmp_path / "out",
        pictures,
        "tflite",
        calibration=pictures,
        class_names=class_names,
        max_drop=0.1,
        micro=True,
    )
    (note,) = [x for x in report.to_dict()["notes"] if "micro.tflite" in x]
    file = io.StringIO()
    report.print(Console(file=file, width=80))
    shown = [x.split()[0] for x in file.getvalue().splitlines() if x.split()]
    assert {"model.tflite", "model_micro.tflite"} <= set(shown)
    assert "model_pixels16.tflite" not in shown
    assert "tflite-micro is not installed" in note
    assert "an estimate" in (tmp_path / "out/model_micro.h").read_text("ascii")


def test_to_int8_is_what_the_file_takes(micro, pictures):
    """The numbers as a program on the controller makes them."""
    interpreter = Interpreter(model_content=micro)
    interpreter.allocate_tensors()
    source, target = _details(micro)
    interpreter.set_tensor(source["index"], to_int8(pictures[:1]))
    interpreter.invoke()
    given = interpreter.get_tensor(target["index"])[0].astype(int) + 128
    expected = TFLiteClassifier(micro).predict(pictures[:1])[0]
    assert np.abs(given / 256 - expected).max() < 0.05  # by XNNPACK
