import collections
import io
import os
import pickle
import sys
import types

import numpy as np
import pytest

from kerasfg.models.imagenet.torch_checkpoint import read_torch_checkpoint


class Storage:
    def __init__(self, kind, key, data):
        self.kind, self.key, self.data = kind, key, data


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        if isinstance(value, Storage):
            return (
                "storage",
                value.kind,
                value.key,
                "cpu",
                len(value.data),
                None,
            )
        return None


@pytest.fixture
def torch(monkeypatch):
    """Just enough of PyTorch's names to pickle tensors as it does."""
    module = types.ModuleType("torch")
    module._utils = types.ModuleType("torch._utils")
    for name in ("FloatStorage", "LongStorage"):
        kind = type(name, (), {"__module__": "torch"})
        setattr(module, name, kind)

    def rebuild(*args):
        raise NotImplementedError

    rebuild.__module__ = "torch._utils"
    rebuild.__name__ = rebuild.__qualname__ = "_rebuild_tensor_v2"
    module._utils._rebuild_tensor_v2 = rebuild
    monkeypatch.setitem(sys.modules, "torch", module)
    monkeypatch.setitem(sys.modules, "torch._utils", module._utils)
    return module


@pytest.fixture
def write(torch, tmp_path):
    """Writes `(storage, offset, shape, strides)` tensors in legacy format."""

    class Tensor:
        def __init__(self, *args):
            self.args = args

        def __reduce__(self):
            more = (False, collections.OrderedDict())
            return torch._utils._rebuild_tensor_v2, (*self.args, *more)

    def write(tensors, storages, header=0x1950A86A20F9469CFC6C):
        file = io.BytesIO()
        for value in (header, 1001, {"little_endian": True}):
            pickle.dump(value, file, protocol=2)
        state = collections.OrderedDict(
            (name, Tensor(*args)) for name, args in tensors.items()
        )
        Pickler(file, protocol=2).dump(state)
        pickle.dump([s.key for s in storages], file, protocol=2)
        for storage in storages:
            file.write(len(storage.data).to_bytes(8, "little"))
            file.write(storage.data.tobytes())
        path = tmp_path / "model.pth"
        path.write_bytes(file.getvalue())
        return path

    return write


def test_reads_what_was_written_with_its_strides(torch, write):
    floats = Storage(torch.FloatStorage, "7", np.arange(24, dtype="float32"))
    steps = Storage(torch.LongStorage, "3", np.array([5], "int64"))
    tensors = read_torch_checkpoint(
        write(
            {
                "transposed": (floats, 0, (4, 6), (1, 4)),
                "part": (floats, 20, (2, 2), (2, 1)),
                "steps": (steps, 0, (), ()),
            },
            [floats, steps],
        )
    )
    values = np.arange(24, dtype="float32")
    np.testing.assert_array_equal(tensors["transposed"], values.reshape(6, 4).T)
    np.testing.assert_array_equal(tensors["part"], [[20, 21], [22, 23]])
    assert tensors["steps"] == 5
    assert tensors["steps"].dtype == "int64"


@pytest.mark.parametrize(
    "view",
    [
        (0, (25,), (1,)),
        (1, (24,), (1,)),
        (0, (4, 6), (6, 2)),
        (5, (2,), (-1,)),
        (-1, (2,), (1,)),
        (99, (1,), (1,)),
    ],
)
def test_a_tensor_that_reaches_outside_its_storage_is_refused(
    view, torch, write
):
    floats = Storage(torch.FloatStorage, "7", np.arange(24, dtype="float32"))
    with pytest.raises(ValueError, match="outside its storage"):
        read_torch_checkpoint(write({"a": (floats, *view)}, [floats]))


def test_a_file_cut_anywhere_is_refused(torch, write):
    floats = Storage(torch.FloatStorage, "7", np.arange(24, dtype="float32"))
    path = write({"a": (floats, 0, (4, 6), (6, 1))}, [floats])
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises((ValueError, pickle.UnpicklingError)):
            read_torch_checkpoint(path)


def test_another_format_is_refused(write, tmp_path):
    with pytest.raises(ValueError, match="legacy.*Received: filepath="):
        read_torch_checkpoint(write({}, [], header=3))


class Malicious:
    def __init__(self, function, *args):
        self.function, self.args = function, args

    def __reduce__(self):
        return self.function, self.args


@pytest.mark.parametrize(
    "attack",
    [
        Malicious(os.mkdir, "harm"),
        Malicious(eval, "__import__('os').mkdir('harm')"),
        Malicious(getattr, dict, "fromkeys"),
        Malicious(collections.Counter, "abc"),
    ],
)
def test_a_malicious_file_is_refused_and_runs_nothing(
    attack, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        path = tmp_path / "model.pth"
        path.write_bytes(pickle.dumps(attack, protocol=protocol))
        with pytest.raises(pickle.UnpicklingError, match="Received: module="):
            read_torch_checkpoint(path)
    assert not (tmp_path / "harm").exists()
