"""Reads tensors from a legacy PyTorch checkpoint, without PyTorch."""

import collections
import pickle

import numpy as np

_MAGIC_NUMBER = 0x1950A86A20F9469CFC6C  # first object of the legacy format
_DTYPES = {
    ("torch", "FloatStorage"): np.dtype("<f4"),
    ("torch", "LongStorage"): np.dtype("<i8"),
}

_Storage = collections.namedtuple("_Storage", "dtype key length")
_Tensor = collections.namedtuple("_Tensor", "storage offset shape strides")


def read_torch_checkpoint(filepath):
    """Reads the tensors of a checkpoint in PyTorch's legacy (not zip) format.

    The file cannot run code: apart from plain values, only the four names that
    a dictionary of float and integer tensors needs are allowed.

    Args:
        filepath: Path of the checkpoint (`.pth`).

    Returns:
        Dictionary from the name of each tensor to a NumPy array.

    Raises:
        pickle.UnpicklingError: If the file names anything else.
        ValueError: If the file is not such a checkpoint, or is cut short.
    """
    with open(filepath, "rb") as file:
        try:
            header = [_Unpickler(file).load() for _ in range(3)]
            if header[0] != _MAGIC_NUMBER or header[1] != 1001:
                raise ValueError("no legacy PyTorch header")
            tensors = _Unpickler(file).load()
            keys = _Unpickler(file).load()
            storages = _read_storages(file, tensors, keys)
            return {k: _view(t, storages) for k, t in tensors.items()}
        except (ValueError, LookupError, TypeError, EOFError) as error:
            raise ValueError(
                "The file is not a complete PyTorch checkpoint in the legacy "
                f"format ({error}). Received: filepath={filepath}"
            ) from error


class _Unpickler(pickle.Unpickler):
    """Allows tensors and ordered dictionaries, and refuses all else."""

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if (module, name) in _DTYPES:
            return _DTYPES[module, name]
        raise pickle.UnpicklingError(
            "A checkpoint of plain tensors was expected, which needs no "
            f"{module}.{name}. Received: module={module!r}, name={name!r}"
        )

    def persistent_load(self, pid):
        kind, dtype, key, _, length, view = pid
        if kind != "storage" or view is not None:
            raise ValueError(f"unknown persistent id {pid!r}")
        return _Storage(dtype, key, length)


def _rebuild_tensor(storage, offset, shape, strides, *_):
    return _Tensor(storage, offset, shape, strides)


def _read_storages(file, tensors, keys):
    """The raw arrays that follow the pickles, in the order of `keys`."""
    dtypes = {t.storage.key: t.storage.dtype for t in tensors.values()}
    storages = {}
    for key in keys:
        length = int.from_bytes(file.read(8), "little")
        data = file.read(length * dtypes[key].itemsize)
        storages[key] = np.frombuffer(data, dtypes[key], length)
    return storages


def _view(tensor, storages):
    """The tensor's elements; its strides need not be those of C order."""
    data = storages[tensor.storage.key][tensor.offset :]
    last = sum(
        (n - 1) * step
        for n, step in zip(tensor.shape, tensor.strides, strict=True)
    )
    if min(tensor.offset, *tensor.shape, *tensor.strides, 0) < 0 or (
        last >= data.size  # as_strided itself checks nothing
    ):
        raise ValueError("a tensor reaches outside its storage")
    strides = [step * data.itemsize for step in tensor.strides]
    return np.lib.stride_tricks.as_strided(data, tensor.shape, strides).copy()
