import types

import numpy as np
import pytest

from kerasfg.evaluation.how_sure.columns import columns_of
from kerasfg.evaluation.how_sure.in_report import columns_of_test


class Pixels(types.SimpleNamespace):
    def __len__(self):
        return len(self.names)


@pytest.fixture
def pictures():
    """What is known of three pictures and of one that was not decoded."""
    return Pixels(
        names=("a/1.jpg", "a/2.jpg", "b/1.jpg"),
        labels=np.array([0, 0, 1]),
        class_names=("a", "b"),
        columns={"place": ("hill", " hill ", "sea")},
        picture_sizes=np.array([[640, 480], [100, 200], [64, 64]]),
        captured=("Canon X|2020:01:01 10:00:00", "", "Fuji|"),
        skipped=(("b/2.jpg", "damaged"),),
    )


def test_known_columns(pictures):
    assert columns_of(pictures, ["place", "size", "camera", "place"]) == {
        "place": ("hill", "hill", "sea"),
        "size": ("480", "100", "64"),
        "camera": ("Canon X", "", "Fuji"),
    }
    assert columns_of(pictures, []) == {}


def test_a_table_comes_first_and_may_leave_out_pictures(pictures, tmp_path):
    table = tmp_path / "more.csv"
    table.write_text(
        "path;place;day\nb\\2.jpg;bog;1\nb/1.jpg;lake;\na/1.jpg;;3\n"
    )
    assert columns_of(pictures, ["day", "place", "size"], table) == {
        "day": ("3", "", ""),
        "place": ("", "", "lake"),
        "size": ("480", "100", "64"),
    }


@pytest.mark.parametrize(
    ("text", "by", "message"),
    [
        ("path,x\na/1.jpg,1\na/1.jpg,2\n", ["x"], "Line 3 .* a second time"),
        ("path,x\nc/1.jpg,1\n", ["x"], "not in the folder.*c/1.jpg"),
        ("file,x\na/1.jpg,1\n", ["x"], "must name the columns"),
        (
            "path,x\na/1.jpg,1\n",
            ["y"],
            "by='y', and the columns are: camera, folder",
        ),
        ("path,x\na/1.jpg,1\n", [], "name them in `by`. Received: by_table="),
    ],
)
def test_errors_of_tables(pictures, tmp_path, text, by, message):
    table = tmp_path / "more.csv"
    table.write_text(text)
    with pytest.raises(ValueError, match=message):
        columns_of(pictures, by, table)


def test_only_test_pictures_are_compared(pictures):
    splits = np.array(["test", "test", "train"])
    assert columns_of_test(pictures, splits, ["place"]) == {
        "place": ["hill", "hill"]
    }
    splits = np.array(["train", "test", "train"])
    with pytest.raises(ValueError, match="by='camera', empty for all 1"):
        columns_of_test(pictures, splits, ["camera"])
    with pytest.raises(ValueError, match="precision=2"):
        columns_of_test(pictures, splits, [], precision=2)
