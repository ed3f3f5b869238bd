"""Each client on pictures of the file's own size, which nobody resizes.

The newest versions, and the oldest that read the files: docs/clients.md.
"""

import numpy as np
import pytest

from kerasfg.export import load

# Who reads what. Float32 sums are of another order. Weights in float16 may be
# computed in float16. Where a value is rounded to eight bits the other way, it
# is off by a 255th of its range, and so are those that follow.
TOLERANCES = {"float32": 1e-4, "float16": 5e-3, "eight bits": 0.06}
READS = {
    ("new", "run_mediapipe"): ["*.tflite"],
    ("new", "run_openvino"): ["*.tflite", "*.onnx"],
    # Not model_int8.onnx: "bufidx >= 0".
    ("new", "run_opencv"): ["model.onnx", "model_float16.onnx"],
    ("old", "run_opencv"): ["*.onnx"],
    ("old", "run_onnxruntime"): ["*.onnx"],
    ("old", "run_tflite_runtime"): ["*.tflite"],
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "program"), READS, ids=lambda name: name
)
def test_answers_as_kerasfg(
    environment, program, exported, birds, client, saved, answers_of_kerasfg
):
    files = sorted(
        {x for name in READS[environment, program] for x in exported.glob(name)}
    )
    assert len(files) > 1
    jobs = [_job(file, birds, saved) for file in files]
    given = client(environment, program, *jobs)
    for file, answers in zip(files, given, strict=True):
        expected = answers_of_kerasfg(file, birds)
        assert len(set(expected.argmax(1))) > 1
        tolerance = TOLERANCES[_numbers(file)]
        np.testing.assert_allclose(
            answers, expected, atol=tolerance, err_msg=file.name
        )
        first, second = np.sort(expected, 1)[:, [-1, -2]].T
        clear = first - second > 2 * tolerance
        assert clear.mean() > 0.5
        np.testing.assert_array_equal(
            answers.argmax(1)[clear], expected.argmax(1)[clear], file.name
        )


def _job(file, birds, saved):
    side = load(file).image_size
    pictures = [picture.resize((side, side)) for picture in birds]
    return {
        "file": str(file),
        "pictures": saved(pictures, f"side{side}"),
        "image_size": side,
        "region": "whole",
    }


def _numbers(file):
    if file.stem.endswith(("dynamic", "int8", "mixed")):
        return "eight bits"
    return "float16" if file.stem.endswith("float16") else "float32"
