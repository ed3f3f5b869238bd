"""A full disk for temporary files."""

import os
import shutil
import tempfile
import types

import pytest

from kerasfg.temporary_folder import temporary_folder
from kerasfg.write_errors import WriteError


def test_is_removed_at_the_end():
    with temporary_folder() as folder:
        assert os.path.isdir(folder)
    assert not os.path.exists(folder)


@pytest.mark.parametrize(
    ("text", "free"),
    [("ENOSPC: No space left on device", 10**9), ("Unknown: failed", 4096)],
)
def test_a_full_disk_is_said_with_what_to_do(monkeypatch, text, free):
    usage = types.SimpleNamespace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(WriteError, match=f"TMPDIR.*{tempfile.gettempdir()}"):
        with temporary_folder() as folder:
            raise RuntimeError(text)
    assert not os.path.exists(folder)


def test_other_errors_stay(monkeypatch):
    with pytest.raises(RuntimeError, match="odd"), temporary_folder():
        raise RuntimeError("odd")


def test_no_folder_for_temporary_files_at_all(monkeypatch):
    def none(*args, **options):
        raise FileNotFoundError(2, "No usable temporary directory found in []")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", none)
    with pytest.raises(WriteError, match="TMPDIR"), temporary_folder():
        pass
