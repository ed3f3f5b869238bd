"""Constants of a `.tflite` file as objects."""

import types

import numpy as np
import pytest

from kerasfg.export.quantization.constants import constant
from kerasfg.export.quantization.constants import replace_constant


def _model(values, kind, tensors=1):
    """A graph whose tensors all share one buffer; buffer 0 is empty."""
    buffer = types.SimpleNamespace

    class Buffer:
        data = None

    full = Buffer()
    full.data = np.frombuffer(values.tobytes(), "uint8")
    graph = buffer(
        tensors=[
            buffer(buffer=1, type=kind, shape=values.shape)
            for _ in range(tensors)
        ]
    )
    return buffer(subgraphs=[graph], buffers=[Buffer(), full])


@pytest.mark.parametrize(
    ("dtype", "kind"), [("float32", 0), ("int32", 2), ("int8", 9)]
)
def test_what_was_replaced_is_read(dtype, kind):
    values = np.arange(6).reshape(2, 3).astype(dtype)
    model = _model(values, kind)
    np.testing.assert_array_equal(constant(model, 0), values)
    replace_constant(model, 0, values * 2.0)
    assert constant(model, 0).dtype == dtype
    np.testing.assert_array_equal(constant(model, 0), 2 * values)


def test_a_shared_constant_changes_for_one_tensor():
    values = np.arange(4, dtype="int8")
    model = _model(values, 9, tensors=2)
    replace_constant(model, 0, -values)
    np.testing.assert_array_equal(constant(model, 0), -values)
    np.testing.assert_array_equal(constant(model, 1), values)


def test_what_is_no_constant_is_none():
    model = _model(np.arange(4, dtype="int8"), 9)
    model.subgraphs[0].tensors[0].buffer = 0
    assert constant(model, 0) is None
    assert constant(model, -1) is None
