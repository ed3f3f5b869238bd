"""Tables by slot number, also as strangers make them."""

import struct
import tracemalloc

import numpy as np
import pytest

from kerasfg.export.tflite_file.flatbuffer import Table
from kerasfg.export.tflite_file.flatbuffer import write_flatbuffer

ROOT = {
    0: "Löwe",
    2: np.uint8(7),
    3: np.uint32(2**31),
    4: {0: "inner"},
    5: [{0: "first"}, {}],
    7: np.arange(3, dtype="uint8"),
}


def test_round_trip():
    contents = write_flatbuffer(ROOT, b"TEST")
    assert contents[4:8] == b"TEST"
    table = Table.root(contents)
    assert table.string(0) == "Löwe"
    assert table.uint8(2) == 7
    assert table.uint32(3) == 2**31
    assert table.table(4).string(0) == "inner"
    assert [inner.string(0) for inner in table.tables(5)] == ["first", ""]
    assert table.table_at(5, 0).string(0) == "first"
    assert table.table_at(5, 2) is None
    assert table.data(7) == b"\0\1\2"


def test_same_root_gives_the_same_bytes():
    assert write_flatbuffer(ROOT, b"TEST") == write_flatbuffer(ROOT, b"TEST")


@pytest.mark.parametrize("slot", [1, 6, 8, 5000])
def test_absent_fields_are_empty(slot):
    table = Table.root(write_flatbuffer(ROOT, b"TEST"))
    assert table.string(slot) == "" and table.data(slot) == b""
    assert table.uint8(slot) == table.uint32(slot) == 0
    assert table.table(slot) is None and table.tables(slot) == []


@pytest.mark.parametrize("contents", [b"", b"123", b"\xff" * 8, b"\xff" * 99])
def test_what_is_no_table(contents):
    with pytest.raises(ValueError, match="outside of it. Received: byte"):
        Table.root(contents)


def _vector(length):
    """A root table whose slot 0 is a vector that claims a length."""
    vtable = struct.pack("<3H2x", 6, 8, 4)
    table = struct.pack("<iI", 8, 4)  # 8 bytes after its vtable
    return (
        struct.pack("<I4x", 16)
        + vtable
        + table
        + struct.pack("<I", length)
        + bytes(280)
    )


def test_vtable_before_the_start():
    # `struct` would read -4 from the end.
    contents = struct.pack("<I4xi", 8, 12) + bytes(40)
    with pytest.raises(ValueError, match="outside of it. Received: byte -4"):
        Table.root(contents)


@pytest.mark.parametrize("length", [65, 2**32 - 1])
def test_long_list_of_tables(length):
    table = Table.root(_vector(length))
    with pytest.raises(ValueError, match=f"more than 64 tables.*{length}"):
        table.tables(0)


@pytest.mark.parametrize("length", [2**20 + 1, 2**32 - 1])
def test_long_text(length):
    table = Table.root(_vector(length))
    tracemalloc.start()
    with pytest.raises(ValueError, match=f"1048576 bytes. Received: {length}"):
        table.string(0)
    assert tracemalloc.get_traced_memory()[1] < 2**16
    tracemalloc.stop()


def test_text_that_ends_after_the_file():
    assert len(Table.root(_vector(280)).data(0)) == 280
    with pytest.raises(ValueError, match="outside of it. Received: byte"):
        Table.root(_vector(281)).data(0)


def test_text_that_is_not_utf_8():
    contents = write_flatbuffer({0: "abc"}, b"TEST").replace(b"b", b"\xff")
    with pytest.raises(ValueError, match="not UTF-8"):
        Table.root(contents).string(0)
