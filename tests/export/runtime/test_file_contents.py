"""Whether a file is the one that was verified."""

import shutil

import pytest

from kerasfg.export.runtime.file_contents import read_contents


def test_listed_file_is_checked(exported, suffix):
    path = exported / f"model_pixels16.{suffix}"
    assert read_contents(path) == (path.read_bytes(), "checked")


def test_lone_file_is_of_unknown_integrity(exported, suffix, tmp_path):
    path = shutil.copy(exported / f"model_pixels16.{suffix}", tmp_path)
    assert read_contents(path)[1] == "unknown"


def test_file_that_is_not_listed_is_of_unknown_integrity(exported, tmp_path):
    shutil.copytree(exported, tmp_path / "copy")
    path = tmp_path / "copy" / "other.tflite"
    path.write_bytes(b"anything")
    assert read_contents(path) == (b"anything", "unknown")


def test_broken_manifest_is_told(exported, suffix, tmp_path):
    shutil.copytree(exported, tmp_path / "copy")
    manifest = tmp_path / "copy" / "kerasfg.json"
    manifest.write_text(manifest.read_text()[:-100])
    with pytest.raises(ValueError, match="kerasfg.json: .* is not JSON"):
        read_contents(tmp_path / "copy" / f"model_pixels16.{suffix}")
