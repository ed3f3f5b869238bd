"""What is said about a smaller file that lost too much."""

import pytest

from kerasfg.export.verification.after_refusal import after_refusal
from kerasfg.export.verification.verify import Verification


def _found(name, variant, size=4_000_000, failures=(), pictures=50):
    return Verification(
        name, variant, size, "", "checked", (), pictures, 0.1, 0.1, 0.9,
        accuracy=0.5, failures=failures,
    )  # fmt: skip


FLOAT32 = _found("model.tflite", "float32", 14_000_000)
INT8 = _found("model_int8.tflite", "int8", failures=("It lost.",))


def _after(*files, **given):
    return after_refusal({each.name: each for each in files}, **given)


def test_without_a_refusal_nothing_is_said():
    assert _after(FLOAT32, _found("model_int8.tflite", "int8")) is None


def test_a_float16_file_was_not_refused_for_its_accuracy():
    half = _found("model_float16.tflite", "float16", failures=("Differs.",))
    assert _after(FLOAT32, half) is None


def test_the_smaller_files_that_passed_are_named_smallest_first():
    said = _after(
        FLOAT32,
        _found("model_float16.tflite", "float16", 7_050_000),
        _found("model_dynamic.tflite", "dynamic", 3_940_000),
        _found("model_float16.onnx", "float16", 7_000_000),
        INT8,
    )
    assert said.startswith(
        "Instead of model_int8.tflite use a file that passed: "
        "model_dynamic.tflite (3.94 MB, 50.0 % right), "
        "model_float16.tflite (7.05 MB, 50.0 % right)."
    )


def test_without_any_that_passed_float16_is_proposed():
    said = _after(FLOAT32, INT8)
    assert said.startswith("Instead of model_int8.tflite try `--all`: float16")


def test_near_chance_neither_pictures_nor_a_limit_are_proposed():
    said = "It cannot be judged. Keras is right for 35.0 % of the pictures."
    unjudged = _found("model_int8.tflite", "int8", failures=(said,))
    near_chance = _after(FLOAT32, unjudged, calibration=120)
    assert near_chance == (
        "Instead of model_int8.tflite take a float32 or float16 file, or train "
        "a better model: what a smaller file loses shows only where Keras is "
        "20 points above chance or more."
    )
    other = _found("model_int8.onnx", "int8", failures=("It lost.",))
    assert _after(FLOAT32, unjudged, other).startswith(
        f"{near_chance} Instead of model_int8.onnx try"
    )


def test_few_pictures_are_named():
    assert "One of the 50 test pictures" in _after(FLOAT32, INT8)
    assert "is 2.0 points" in _after(FLOAT32, INT8)
    many = _found("model_int8.tflite", "int8", failures=("It lost.",),
                  pictures=500)  # fmt: skip
    assert "points" not in _after(FLOAT32, many)


@pytest.mark.parametrize(
    ("variant", "calibration", "told"),
    [
        ("int8", 120, True),
        ("int8", 200, False),
        ("int8", None, False),
        ("dynamic", 120, False),
    ],
)
def test_few_calibration_pictures_are_named(variant, calibration, told):
    lost = _found("model_x.tflite", variant, failures=("It lost.",))
    said = _after(FLOAT32, lost, calibration=calibration)
    assert ("calibrated on 120 training pictures" in said) == told
