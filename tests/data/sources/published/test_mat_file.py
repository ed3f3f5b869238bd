import pickle

import numpy as np
import pytest
from scipy.io import savemat

from kerasfg.data.sources.published import mat_file as module
from kerasfg.data.sources.published.archive import Archive
from kerasfg.data.sources.published.mat_file import read_mat


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path, "Birds", "birds.tgz")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "list.mat"


@pytest.mark.parametrize("packed", [False, True])
def test_numbers_and_texts_become_lists(archive, path, packed):
    files = np.array([["a/1.jpg"], ["b/22.jpg"]], dtype=object)
    content = {"files": files, "labels": [[1], [2]], "more": 7}
    savemat(path, content, do_compression=packed)
    found = read_mat(archive, path, ("files", "labels"))
    assert found == {"files": ["a/1.jpg", "b/22.jpg"], "labels": [1, 2]}


def test_a_missing_array_is_named(archive, path):
    savemat(path, {"labels": [1]})
    with pytest.raises(ValueError, match=r"lacks the arrays \['files'\]"):
        read_mat(archive, path, ("files", "labels"))


@pytest.mark.parametrize(
    "value", [np.array([[1, 2], "a"], dtype=object), {"a": 1}], ids=str
)
def test_other_arrays_are_refused(archive, path, value):
    savemat(path, {"files": value})
    with pytest.raises(ValueError, match="must hold numbers or texts"):
        read_mat(archive, path, ("files",))


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_nothing_is_unpickled(archive, path, tmp_path):
    path.write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    with pytest.raises(ValueError, match=r"list\.mat is not a MATLAB file"):
        read_mat(archive, path, ("files",))
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("size", [0, 10, 200, 260])
def test_a_damaged_file_is_named(archive, path, size):
    savemat(path, {"files": np.arange(99)}, do_compression=True)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ValueError, match=r"list\.mat.*Received: directory="):
        read_mat(archive, path, ("files",))


def test_a_large_file_is_not_read(archive, path, monkeypatch):
    monkeypatch.setattr(module, "MAX_MAT_BYTES", 100)
    savemat(path, {"files": np.arange(99)})
    with pytest.raises(ValueError, match="more than the limit of 100"):
        read_mat(archive, path, ("files",))
