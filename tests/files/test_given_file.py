"""Files of strangers, in whatever state."""

import os

import pytest

from kerasfg.config.recipe import Recipe
from kerasfg.data.splits import read_splits
from kerasfg.evaluation.report.history import read_history
from kerasfg.evaluation.report.report import read_report
from kerasfg.given_file import read_given
from kerasfg.manifest import read_manifest
from kerasfg.run.run_folder import RunFolder

READERS = {
    "recipe.toml": Recipe.from_toml,
    "splits.csv": read_splits,
    "labels.txt": lambda file: RunFolder(file.parent).read_class_names(),
    "history.csv": read_history,
    "report.json": read_report,
    "kerasfg.json": lambda file: read_manifest(file.parent),
}


def make_binary(file):
    file.write_bytes(bytes(range(256)) * 10)


def make_huge(file):
    with open(file, "wb") as opened:
        opened.truncate(2**40)  # a hole, which takes no space


STATES = {
    "binary": make_binary,
    "huge": make_huge,
    "folder": os.mkdir,
    "pipe": os.mkfifo,
    "dangling": lambda file: os.symlink("nothing", file),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", READERS)
@pytest.mark.timeout(20)
def test_one_line_names_the_file(tmp_path, name, state):
    file = tmp_path / name
    STATES[state](file)
    with pytest.raises(ValueError, match="Received") as caught:
        READERS[name](file)
    assert str(file) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 600


def test_a_file_as_large_as_allowed_is_read(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    assert read_given(tmp_path / "a", max_bytes=5) == b"12345"
    with pytest.raises(ValueError, match="must not be larger"):
        read_given(tmp_path / "a", max_bytes=4)


@pytest.mark.parametrize("number", ["2.0", "true", '"2"', "null"])
def test_another_kind_of_number_is_another_format(tmp_path, number):
    text = f'{{"format": {number}}}'
    (tmp_path / "kerasfg.json").write_text(text)
    with pytest.raises(ValueError, match="`format` must be 3"):
        read_manifest(tmp_path)
