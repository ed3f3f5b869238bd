import pytest

from kerasfg.export.measurement.benchmark import Measurement
from kerasfg.export.measurement.recommend import recommend
from kerasfg.export.verification.verify import Verification


def _found(name, variant, size, accuracy=0.869, failures=()):
    return Verification(
        name=name,
        variant=variant,
        bytes=size,
        sha256="",
        integrity="unknown",
        operators=(),
        pictures=340,
        max_difference=0.01,
        mean_difference=0.001,
        top_1_agreement=0.994,
        accuracy=accuracy,
        keras_accuracy=None if accuracy is None else 0.874,
        failures=failures,
    )


def _recommend(*rows, accuracy=0.869, failures=None):
    """Rows of `(variant, bytes, ms)`; `.tflite` unless the name has a dot."""
    measurements, verifications = [], {}
    for variant, size, ms in rows:
        name = variant if "." in variant else f"{variant}.tflite"
        latency = {2: (100 / ms, 200.0), 1: (ms, 300.0)}
        measurements.append(Measurement(name, size, 1.0, None, latency))
        why = (failures or {}).get(variant, ())
        verifications[name] = _found(name, variant, size, accuracy, why)
    measurements.append(
        Measurement("Keras predict", None, None, None, {"all": (0.1, 0.1)})
    )
    return recommend(measurements, verifications)


def test_fastest_on_one_thread_is_taken_and_compared():
    assert _recommend(("float32", 1000, 5.0), ("int8", 300, 2.0)) == (
        "int8.tflite",
        "0.40 of float32's time, 0.30 of its bytes, accuracy 86.9 % "
        "(Keras 87.4 %).",
    )


def test_of_those_nearly_as_fast_the_smallest_is_taken():
    rows = [("float32", 1000, 5.0), ("dynamic", 300, 2.0)]
    assert _recommend(*rows, ("int8", 290, 2.2))[0] == "int8.tflite"
    assert _recommend(*rows, ("int8", 290, 2.3))[0] == "dynamic.tflite"
    assert _recommend(*rows, ("int8", 310, 1.9))[0] == "dynamic.tflite"


def test_float32_is_taken_where_it_is_the_fastest():
    name, why = _recommend(("float32", 2_000_000, 5.0), ("int8", 300, 9.0))
    assert name == "float32.tflite"
    assert why.startswith("5.0 ms and 2.0 MB; smaller files are slower; acc")


def test_what_failed_is_not_taken():
    name, why = _recommend(
        ("float32", 1000, 5.0),
        ("int8", 300, 2.0),
        failures={"int8": ("It is wrong.",)},
    )
    assert name == "float32.tflite"
    assert "slower" not in why


def test_only_tflite_is_taken():
    rows = [("float32", 1000, 5.0), ("model_int8.onnx", 300, 1.0)]
    assert _recommend(*rows)[0] == "float32.tflite"
    assert _recommend(rows[1])[0] is None


def test_without_labels_the_reason_has_the_agreement():
    _, why = _recommend(("int8", 300, 2.0), accuracy=None)
    assert why == "2.0 ms and 0.0 MB; same top class as Keras for 99.4 %."


@pytest.mark.parametrize("measurements", [[], [("float32", 1000, 5.0)]])
def test_nothing_that_passed(measurements):
    failures = {"float32": ("It is wrong.",)}
    name, why = _recommend(*measurements, failures=failures)
    assert name is None
    assert "No measured .tflite file" in why
