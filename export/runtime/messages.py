"""Messages between a process and its child: a line of JSON, then bytes."""

import io
import json

import numpy as np


def send(stream, head, payload=b""):
    """Writes a message.

    Args:
        stream: Binary stream.
        head: Dictionary of JSON-serializable values.
        payload: Bytes that go with it. Defaults to none.
    """
    stream.write(json.dumps({**head, "bytes": len(payload)}).encode() + b"\n")
    stream.write(payload)
    stream.flush()


def receive(stream):
    """Reads a message.

    Args:
        stream: Binary stream.

    Returns:
        `(head, payload)`; `None` if the stream ends before a whole message.
    """
    line = stream.readline()
    if not line.endswith(b"\n"):
        return None
    head = json.loads(line)
    size = head.pop("bytes")
    payload = stream.read(size)
    return (head, payload) if len(payload) == size else None


def to_bytes(array):
    """Returns an array as the content of an `.npy` file."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def joined(probabilities, familiarity):
    """Returns `(pictures, classes + 1)`: the familiarity is the last column."""
    return np.column_stack([probabilities, familiarity])


def to_array(payload):
    """Returns the array of an `.npy` file's content."""
    return np.load(io.BytesIO(payload), allow_pickle=False)
