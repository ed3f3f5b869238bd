import dataclasses
import io
import json

import pytest
from rich.console import Console

from kerasfg.export.measurement.benchmark import Measurement
from kerasfg.export.measurement.benchmark_table import benchmark_markdown
from kerasfg.export.measurement.benchmark_table import benchmark_rows
from kerasfg.export.measurement.benchmark_table import benchmark_table
from kerasfg.export.verification.verify import Verification

FLOAT32 = Verification(
    name="model.tflite",
    variant="float32",
    bytes=4_000_000,
    sha256="",
    integrity="unknown",
    operators=(),
    pictures=200,
    max_difference=2e-6,
    mean_difference=1e-7,
    top_1_agreement=1.0,
    accuracy=0.874,
    keras_accuracy=0.875,
)
INT8 = dataclasses.replace(
    FLOAT32,
    name="model_int8.tflite",
    variant="int8",
    bytes=1_000_000,
    failures=("It is wrong.", "It is very wrong."),
)
ONNX = dataclasses.replace(FLOAT32, name="model.onnx", bytes=5_000_000)


@pytest.fixture
def rows():
    latency = {1: (5.04, 6.0), 2: (3.0, 9.96)}
    measurements = [
        Measurement("model.tflite", 4_000_000, 2.5, 33.4, latency),
        Measurement("model.onnx", 5_000_000, 50, None, latency),
        Measurement("Keras predict", None, None, None, {"all": (60.0, 70.0)}),
    ]
    verifications = {x.name: x for x in (FLOAT32, INT8, ONNX)}
    refused = {"model_mixed.tflite": "It is | broken."}
    return benchmark_rows(measurements, verifications, refused)


def test_rows_hold_all_that_is_known(rows):
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert rows[0] == {
        "file": "model.tflite",
        "bytes": 4_000_000,
        "of_float32": 1.0,
        "load_ms": 2.5,
        "peak_memory_mb": 33.4,
        "latency_ms": {"1": [5.04, 6.0], "2": [3.0, 9.96]},
        "accuracy": 0.874,
        "agreement": 1.0,
        "max_difference": 2e-6,
        "verdict": "passed",
    }
    assert all(row.keys() == rows[0].keys() for row in rows)


def test_rows_are_compared_with_float32_of_their_format(rows):
    sizes = {row["file"]: row["of_float32"] for row in rows}
    assert sizes == {
        "model.tflite": 1.0,
        "model_int8.tflite": 0.25,
        "model.onnx": 1.0,
        "model_mixed.tflite": None,
        "Keras predict": None,
    }


def test_verdict_has_the_reason(rows):
    verdicts = [row["verdict"] for row in rows]
    wrong = "It is wrong. It is very wrong."
    assert verdicts == ["passed", wrong, "passed", "It is | broken.", None]


def test_keras_has_a_row(rows):
    assert rows[-1]["accuracy"] == 0.875


def test_markdown(rows):
    lines = benchmark_markdown(rows).splitlines()
    assert lines[0] == (
        "| file | MB | of float32 | load ms | memory MB "
        "| ms, 1 thread (95th percentile) | ms, 2 threads (95th percentile) "
        "| accuracy | agreement | largest difference | verdict |"
    )
    assert lines[2] == (
        "| model.tflite | 4.00 | 1.00 | 2.5 | 33 | 5.0 (6.0) | 3.0 (10.0) "
        "| 87.4 % | 100.0 % | 2.0e-06 | passed |"
    )
    assert lines[5].endswith("| It is \\| broken. |")
    assert "| 60.0 (70.0), all threads | – | 87.5 % |" in lines[6]
    assert len(lines) == 7


def test_terminal_shows_what_matters_most_in_80_columns(rows):
    rows[2]["file"] = "model_pixels32_int8.tflite"  # the longest
    file = io.StringIO()
    Console(file=file, width=80).print(benchmark_table(rows))
    lines = file.getvalue().splitlines()
    assert lines[0].split() == (
        "file MB ms accuracy as Keras difference verdict".split()
    )
    assert lines[2].split() == (
        "model.tflite 4.00 5.0 87.4 % 100.0 % 2.0e-06 passed".split()
    )
    assert lines[3].split()[0] == "model_int8.tflite"
    assert lines[3].endswith("refused")
    assert lines[4].startswith("model_pixels32_int8.tflite ")
    assert len(lines) == 2 + len(rows)  # nothing is wrapped


def test_without_measurements():
    lines = benchmark_markdown(benchmark_rows([], {"model.onnx": ONNX}))
    assert "| model.onnx | 5.00 | 1.00 | – | – | 87.4 % |" in lines
