"""Names of the files of an export."""

import pytest

from kerasfg.export.wanted_files import need_calibration
from kerasfg.export.wanted_files import wanted_files


def _names(*args, **kwargs):
    return [file.name for file in wanted_files(*args, **kwargs)]


def test_float32_alone():
    assert _names(("onnx", "tflite")) == ["model.tflite", "model.onnx"]
    assert _names("onnx") == ["model.onnx"]


def test_a_variant_in_each_format_that_has_it():
    assert _names(("tflite", "onnx"), ("int8", "dynamic")) == [
        "model.tflite",
        "model_dynamic.tflite",
        "model_int8.tflite",
        "model.onnx",
        "model_int8.onnx",
    ]


@pytest.mark.parametrize(
    ("formats", "count"), [("tflite", 5), ("onnx", 3), (("onnx", "tflite"), 8)]
)
def test_all_of_a_format(formats, count):
    assert len(_names(formats, "all")) == count


def test_each_file_for_frames_has_one_for_exact_pixels():
    assert _names("tflite", "int8", image_size=64) == [
        "model.tflite",
        "model_int8.tflite",
        "model_pixels64.tflite",
        "model_pixels64_int8.tflite",
    ]


@pytest.mark.parametrize(
    ("variants", "needed"),
    [((), False), ("float16", False), ("int8", True), ("mixed", True)],
)
def test_who_needs_calibration(variants, needed):
    assert need_calibration(wanted_files("tflite", variants)) is needed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("onnx", (), 32, True), "is a .tflite: add.*Received: micro=True"),
        ((["pb"],), "some of tflite, onnx. Received: formats"),
        (([],), "some of tflite, onnx. Received: formats"),
        (("tflite", "int4"), "some of float16, .* Received: variants"),
        (("onnx", ["mixed"]), "Only a .tflite file can be mixed"),
    ],
)
def test_rejects_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        wanted_files(*arguments)


def test_the_file_for_microcontrollers_comes_last():
    assert _names("tflite", (), 32, True) == [
        "model.tflite",
        "model_pixels32.tflite",
        "model_micro.tflite",
    ]
    assert need_calibration(wanted_files("tflite", micro=True))
