"""Writes an array of yet unknown length to a file, row by row."""

import hashlib
import os

import numpy as np


class ArrayFile:
    """A context manager that writes rows of uint8 to a `.npy` file.

    Args:
        path: Path of the file to write.
        shape: Shape of a row.

    Attributes:
        bytes: Size of the file, known at the end.
        digest: `hashlib` digest of the rows.
    """

    def __init__(self, path, shape):
        self.bytes = 0
        self.digest = new_digest()
        self._shape = shape
        self._rows = 0
        self._file = open(path, "wb")  # noqa: SIM115
        # NumPy pads the header, so it can be rewritten with another count.
        self._write_header(2**40)
        self._start = self._file.tell()

    def __enter__(self):
        return self

    def append(self, row):
        """Writes a row.

        Args:
            row: uint8 array of the shape of a row.
        """
        row = np.ascontiguousarray(row)
        self.digest.update(row)
        self._file.write(row)
        self._rows += 1

    def __exit__(self, kind, error, traceback):
        with self._file:
            if kind is None:
                self._finish()

    def _finish(self):
        self.bytes = self._file.tell()
        self._file.seek(0)
        self._write_header(self._rows)
        if self._file.tell() != self._start:
            raise RuntimeError("The header of the file changed its size.")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _write_header(self, rows):
        header = {
            "descr": "|u1",
            "fortran_order": False,
            "shape": (rows, *self._shape),
        }
        np.lib.format.write_array_header_1_0(self._file, header)


def new_digest(data=b""):
    """Returns the `hashlib` digest of some bytes, to be continued.

    Args:
        data: The bytes. Defaults to `b""`.
    """
    return hashlib.blake2b(data, digest_size=16)
