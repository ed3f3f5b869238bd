"""Files of an array: written row by row, and mapped into memory."""

import hashlib
import io
import os

import numpy as np

from kerasfg.given_file import check_given

_MAX_BYTES = 2**50  # they are not read whole


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
        write_header(self._file, (2**40, *shape), np.uint8)
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
        write_header(self._file, (self._rows, *self._shape), np.uint8)
        if self._file.tell() != self._start:
            raise RuntimeError("The header of the file changed its size.")
        self._file.flush()
        os.fsync(self._file.fileno())


def write_header(file, shape, dtype):
    """Writes the header of a `.npy` file.

    Args:
        file: Binary file object.
        shape: Shape of the whole array, in C order.
        dtype: Its dtype.
    """
    header = {
        "descr": np.dtype(dtype).str,
        "fortran_order": False,
        "shape": tuple(map(int, shape)),
    }
    np.lib.format.write_array_header_1_0(file, header)


def open_array(path, shape, dtype):
    """Maps a `.npy` file into memory that must be of one shape and dtype.

    Its header is compared and never parsed, as the file may be damaged in any
    way.

    Args:
        path: `pathlib.Path` of the file.
        shape: Shape of the array.
        dtype: Its dtype.

    Returns:
        Read-only `numpy.memmap`.

    Raises:
        ValueError: If it is not such a file, or is cut off.
    """
    check_given(path, path.name, _MAX_BYTES)
    expected = io.BytesIO()
    write_header(expected, shape, dtype)
    header = expected.getvalue()
    with open(path, "rb") as file:
        if file.read(len(header)) != header:
            raise ValueError(f"{path.name} is not an array of the right shape")
        return np.memmap(file, dtype, "r", len(header), tuple(shape))


def new_digest(data=b""):
    """Returns the `hashlib` digest of some bytes, to be continued.

    Args:
        data: The bytes. Defaults to `b""`.
    """
    return hashlib.blake2b(data, digest_size=16)
