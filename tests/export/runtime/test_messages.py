import io

import numpy as np
import pytest

from kerasfg.export.runtime.messages import receive
from kerasfg.export.runtime.messages import send
from kerasfg.export.runtime.messages import to_array
from kerasfg.export.runtime.messages import to_bytes


def _sent(*messages):
    stream = io.BytesIO()
    for message in messages:
        send(stream, *message)
    return stream.getvalue()


def test_messages_come_as_they_went():
    stream = io.BytesIO(_sent(({"do": "a"}, b"{\n}"), ({"name": "Löwe"},)))
    assert receive(stream) == ({"do": "a"}, b"{\n}")
    assert receive(stream) == ({"name": "Löwe"}, b"")
    assert receive(stream) is None


def test_no_part_of_a_message_is_one():
    whole = _sent(({"do": "a"}, b"0123456789"))
    for size in range(len(whole)):
        assert receive(io.BytesIO(whole[:size])) is None


def test_array_comes_as_it_went():
    array = np.arange(24, dtype="float32").reshape(2, 3, 4)
    again = to_array(to_bytes(array))
    assert again.dtype == "float32"
    np.testing.assert_array_equal(again, array)


def test_objects_are_refused():
    with pytest.raises(ValueError, match="allow_pickle=False"):
        to_bytes(np.array([{}]))
    file = io.BytesIO()
    np.save(file, np.array([{}]), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        to_array(file.getvalue())
