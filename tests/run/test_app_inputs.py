"""What `kerasfg phone` reads: names in other languages, example pictures."""

import numpy as np
import pytest
from PIL import Image

from kerasfg.evaluation.metrics.confusion import confused_with
from kerasfg.run.app_inputs.class_names_file import read_class_names
from kerasfg.run.app_inputs.example_pictures import ExamplePictures


def _write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "names.csv"
    path.write_text(text, encoding)
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_of_names_is_read_as_it_is_saved(tmp_path, separator, encoding):
    rows = ["Class,Language,Name,note", "tit,DE,Meise,", "tit,fr,mésange", ",,"]
    text = "\n".join(rows).replace(",", separator)
    found = read_class_names(_write(tmp_path, text, encoding))
    assert found == {"tit": {"de": "Meise", "fr": "mésange"}}


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "columns class, language and name. Received: .* with nothing"),
        ("class,name\ntit,Meise", "with class, name"),
        ("class,language,name\ntit,de,", "must have a class, a language and"),
        ("class,language,name\ntit,de", "Received: line 2 of"),
        ("class,language,name\ntit,de,a\ntit,de,b", "'tit' has two in 'de'"),
        (f"class,language,name\ntit,de,{201 * 'x'}", "at most 200 letters"),
        ("class,language,name\ntit,de,a\u202eb", "in one line. Received: line"),
    ],
)
def test_a_table_that_says_something_else_is_refused(tmp_path, text, match):
    with pytest.raises(ValueError, match=match) as refused:
        read_class_names(_write(tmp_path, text))
    assert "\n" not in str(refused.value)


def test_a_file_that_is_none_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "absent.csv"):
        with pytest.raises(ValueError, match="`names` must be a file"):
            read_class_names(path)


def _folder(tmp_path, classes, splits=None):
    for name, values in classes.items():
        (tmp_path / name).mkdir()
        for value in values:
            picture = Image.new("RGB", (8, 8), (value,) * 3)
            picture.save(tmp_path / name / f"{value:03d}.png")
    if splits:
        lines = ["path,split", *(f"{k},{v}" for k, v in splits.items())]
        (tmp_path / "splits.csv").write_text("\n".join(lines))
    return tmp_path


def _values(pictures):
    return [np.asarray(picture)[0, 0, 0] for picture in pictures]


def test_examples_of_a_folder_are_a_few_from_all_over_it(tmp_path):
    folder = _folder(tmp_path, {"tit": range(0, 100, 5), "wren": [7]})
    examples = ExamplePictures(folder)
    values = _values(examples("tit"))
    assert len(values) == 6
    assert (values[0], values[-1]) == (0, 95)
    assert _values(examples("wren")) == [7]
    assert _values(examples("crow")) == []


def test_examples_are_of_validation_then_test_never_of_training(tmp_path):
    splits = {
        "tit/001.png": "train",
        "tit/002.png": "val",
        "tit/003.png": "test",
        "wren/001.png": "train",
        "wren/002.png": "test",
        "jay/001.png": "train",
    }
    classes = {"tit": [1, 2, 3], "wren": [1, 2], "jay": [1]}
    examples = ExamplePictures([_folder(tmp_path, classes, splits)])
    assert _values(examples("tit")) == [2]
    assert _values(examples("wren")) == [2]
    assert _values(examples("jay")) == []


def test_a_broken_example_is_left_out(tmp_path):
    folder = _folder(tmp_path, {"tit": [1, 2], "wren": [3]})
    (folder / "tit" / "001.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert _values(ExamplePictures(folder)("tit")) == [2]


def test_classes_are_confused_in_both_directions_and_all_splits():
    names = ["a", "b", "c", "d"]
    val = {"confusion": [[9, 0, 1, 0], [2, 9, 0, 0], [0, 0, 9, 0], [0] * 4]}
    test = {"confusion": None, "confusions": [[0, 2, 2], [1, 1, 8]]}
    assert confused_with([val, test], names) == {
        "a": ["c", "b"],
        "c": ["a"],
        "b": ["a"],
    }
    assert confused_with([val, test], names, most=1)["a"] == ["c"]
    assert confused_with([], names) == {}
