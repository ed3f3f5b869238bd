"""Files of an array that strangers may have written."""

import io
import os

import numpy as np
import pytest

from kerasfg.data.pixels.array_file import ArrayFile
from kerasfg.data.pixels.array_file import open_array

SHAPE = (3, 8, 8, 3)
DATA = b"\0" * 600


def npy(shape="(3, 8, 8, 3)", descr="'|u1'", order="False"):
    header = (
        f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"
    )
    header = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00v\x00" + header + DATA


def npz():
    file = io.BytesIO()
    np.savez(file, views=np.zeros(SHAPE, "uint8"))
    return file.getvalue()


POISON = {
    "empty": b"",
    "npz": npz(),
    "zip": b"PK\x03\x04 and rubbish",
    "negative": npy("(-3, 3, 8, 8, 3)"),
    "huge": npy("(3, 99999999999999999999, 8)"),
    "other shape": npy("(3, 8, 8, 2)"),
    "objects": npy(descr="'|O'"),
    "signed": npy(descr="'|i1'"),
    "fortran": npy(order="True"),
    "open bracket": npy("(3, 8, (8"),
    "no magic": b"rubbish" * 200,
    "version": npy().replace(b"\x01\x00", b"\x09\x00", 1),
    "cut header": npy()[:60],
    "no rows": npy()[:128],
    "cut rows": npy()[: 128 + 8 * 8 * 3 * 3 - 1],
}


@pytest.mark.parametrize("contents", POISON.values(), ids=POISON)
def test_what_is_not_the_array_is_a_value_error(contents, tmp_path):
    path = tmp_path / "views.npy"
    path.write_bytes(contents)
    with pytest.raises(ValueError):
        open_array(path, SHAPE, "uint8")


def test_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "views.npy")
    with pytest.raises(ValueError, match="must be a file"):
        open_array(tmp_path / "views.npy", SHAPE, "uint8")


@pytest.mark.parametrize("dtype", ["uint8", "float16"])
def test_opens_what_numpy_saves(dtype, tmp_path, rng):
    expected = rng.integers(0, 256, SHAPE).astype(dtype)
    np.save(tmp_path / "x.npy", expected)
    found = open_array(tmp_path / "x.npy", np.array(SHAPE), dtype)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == dtype and not found.flags.writeable


def test_opens_what_was_written_row_by_row(tmp_path, rng):
    expected = rng.integers(0, 256, SHAPE, "uint8")
    with ArrayFile(tmp_path / "x.npy", SHAPE[1:]) as file:
        for row in expected:
            file.append(row)
    found = open_array(tmp_path / "x.npy", SHAPE, "uint8")
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), expected)
