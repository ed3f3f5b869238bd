"""What cannot be written names the place that the user knows."""

import errno
import os
import resource
import signal

import pytest

from kerasfg.atomic_file import replacing
from kerasfg.write_errors import WriteError
from kerasfg.write_errors import make_folder
from kerasfg.write_errors import naming


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (errno.ENOSPC, "No space is left .* free some space"),
        (errno.EROFS, "read-only: name another folder"),
        (errno.EACCES, "check its permissions"),
        (errno.ENAMETOOLONG, "too long"),
    ],
)
def test_says_what_to_do_and_where(tmp_path, code, text):
    hidden = tmp_path / "run" / ".kerasfg-1"
    with pytest.raises(WriteError, match=rf"{text}.*Received: \S+/run$"):
        with naming(tmp_path / "run"):
            raise OSError(code, os.strerror(code), str(hidden))


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("write failed: errno = 28, error message = ..."),
        ValueError("; No space left on device"),
    ],
)
def test_a_library_s_full_disk_is_one(error):
    with pytest.raises(WriteError, match="No space is left"), naming("run"):
        raise error


def test_other_errors_stay_as_they_are(tmp_path):
    with pytest.raises(FileNotFoundError), naming(tmp_path):
        open("/nowhere/picture.png")
    with pytest.raises(ValueError, match="^a rule$"), naming(tmp_path):
        raise ValueError("a rule")
    with pytest.raises(OSError, match="^odd$"), naming(tmp_path):
        raise OSError("odd")


def test_a_file_above_the_limit_leaves_the_last_one(tmp_path):
    file = tmp_path / "checkpoint.npz"
    file.write_bytes(b"last")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(WriteError, match=r"ulimit -f.*checkpoint\.npz"):
            with replacing(file) as temporary_path:
                temporary_path.write_bytes(bytes(2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"last"]


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match="part of a path .*file/sub/run"):
        make_folder(tmp_path / "file/sub/run")
    with pytest.raises(WriteError, match="must be a folder, and is a file"):
        make_folder(tmp_path / "file")


def test_a_folder_in_the_way_of_a_file_is_named(tmp_path):
    (tmp_path / "report.json").mkdir()
    with (
        pytest.raises(WriteError, match=r"must be a file, and.*report\.json"),
        replacing(tmp_path / "report.json") as path,
    ):
        path.touch()
