"""Writes flatbuffers from dictionaries, and reads them with checks."""

import struct

import numpy as np

MAX_BYTES = 2**20
_MAX_TABLES = 64


def write_flatbuffer(root, identifier):
    """Writes a flatbuffer.

    Args:
        root: Table as `{slot: value}`. A value is an `np.uint8` or `np.uint32`,
            a string, a NumPy vector, a table, or a list of tables.
        identifier: The four bytes that identify the schema.

    Returns:
        The bytes, determined by the arguments.
    """
    import flatbuffers

    builder = flatbuffers.Builder()
    builder.Finish(_write(builder, root), identifier)
    return bytes(builder.Output())


class Table:
    """A table of a flatbuffer that may be malicious.

    An offset that points outside of `contents`, a text of more than 1 MiB and
    a list of more than 64 tables raise `ValueError`. A missing field is 0 or
    empty.

    Args:
        contents: Bytes of the flatbuffer.
        position: Start of the table.
    """

    def __init__(self, contents, position):
        self._contents = contents
        self._position = position
        self._vtable = position - self._unpack("i", position)
        self._vtable_size = self._unpack("H", self._vtable)

    @classmethod
    def root(cls, contents):
        """Returns the root table."""
        return cls(contents, _unpack(contents, "I", 0))

    def uint8(self, slot):
        return self._scalar("B", slot)

    def uint32(self, slot):
        return self._scalar("I", slot)

    def string(self, slot):
        text = self.data(slot)
        try:
            return text.decode()
        except UnicodeDecodeError as error:
            raise ValueError(
                f"the model holds a name that is not UTF-8: {error}"
            ) from error

    def data(self, slot):
        """Returns the bytes of a string or a vector of bytes."""
        start, length = self._vector(slot)
        if length > MAX_BYTES:
            raise _too_large(length, "bytes", MAX_BYTES)
        if start + length > len(self._contents):
            raise _outside(start + length)
        return bytes(self._contents[start : start + length])

    def table(self, slot):
        """Returns a `Table`, or `None`."""
        field = self._field(slot)
        return None if field is None else self._follow(field)

    def tables(self, slot):
        """Returns a list of `Table`s."""
        start, length = self._vector(slot)
        if length > _MAX_TABLES:
            raise _too_large(length, "tables", _MAX_TABLES)
        return [self._follow(start + 4 * i) for i in range(length)]

    def table_at(self, slot, index):
        """Returns a `Table` of a list of any length, or `None`."""
        start, length = self._vector(slot)
        return self._follow(start + 4 * index) if index < length else None

    def _field(self, slot):
        entry = 4 + 2 * slot
        if entry + 2 > self._vtable_size:
            return None
        offset = self._unpack("H", self._vtable + entry)
        return self._position + offset if offset else None

    def _scalar(self, kind, slot):
        field = self._field(slot)
        return 0 if field is None else self._unpack(kind, field)

    def _vector(self, slot):
        field = self._field(slot)
        if field is None:
            return 0, 0
        start = field + self._unpack("I", field)
        return start + 4, self._unpack("I", start)

    def _follow(self, field):
        return Table(self._contents, field + self._unpack("I", field))

    def _unpack(self, kind, position):
        return _unpack(self._contents, kind, position)


def _unpack(contents, kind, position):
    # `unpack_from` counts a negative position from the end.
    if not 0 <= position <= len(contents) - struct.calcsize(kind):
        raise _outside(position)
    return struct.unpack_from(f"<{kind}", contents, position)[0]


def _outside(position):
    return ValueError(
        "the model is broken: an offset points outside of it. "
        f"Received: byte {position}"
    )


def _too_large(length, things, most):
    return ValueError(
        f"the model is broken: it lists more than {most} {things}. "
        f"Received: {length}"
    )


def _write(builder, value):
    """Writes a value that is not a scalar; returns its offset."""
    if isinstance(value, dict):
        return _write_table(builder, value)
    if isinstance(value, str):
        return builder.CreateString(value)
    if isinstance(value, np.ndarray):
        return builder.CreateNumpyVector(value)
    offsets = [_write(builder, table) for table in value]
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def _write_table(builder, fields):
    scalars = (np.uint8, np.uint32)
    fields = {
        slot: value if isinstance(value, scalars) else _write(builder, value)
        for slot, value in fields.items()
    }
    builder.StartObject(max(fields, default=-1) + 1)
    for slot, value in fields.items():
        if isinstance(value, np.uint8):
            builder.PrependUint8Slot(slot, int(value), 0)
        elif isinstance(value, np.uint32):
            builder.PrependUint32Slot(slot, int(value), 0)
        else:
            builder.PrependUOffsetTRelativeSlot(slot, value, 0)
    return builder.EndObject()
