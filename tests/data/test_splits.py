import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from kerasfg.data import assign_splits
from kerasfg.data import from_folder
from kerasfg.data import read_splits
from kerasfg.data import write_splits
from kerasfg.data.splits import trained_on

LABELS = np.repeat(np.arange(4), 20)


def count(splits):
    return {
        name: int(np.sum(splits == name)) for name in ("train", "val", "test")
    }


# === Nothing given ===


def test_60_15_25_of_every_class():
    splits = assign_splits(LABELS)
    for label in range(4):
        expected = {"train": 12, "val": 3, "test": 5}
        assert count(splits[LABELS == label]) == expected


def test_the_seed_decides():
    first = assign_splits(LABELS, seed=1)
    assert np.array_equal(first, assign_splits(LABELS, seed=1))
    assert not np.array_equal(first, assign_splits(LABELS, seed=2))


def test_empty_words_are_as_good_as_none():
    empty = np.full(80, "")
    assert np.array_equal(assign_splits(LABELS, empty), assign_splits(LABELS))


@pytest.mark.parametrize("pictures", range(3, 12))
def test_small_classes_get_one_of_each(pictures):
    splits = assign_splits(np.repeat([0, 1], pictures))
    assert min(count(splits[:pictures]).values()) >= 1


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), min_size=1),
    st.integers(0, 99),
)
def test_groups_stay_together_and_train_has_every_class(pictures, seed):
    labels, groups = np.array(pictures).T
    keep = np.bincount(labels)[labels] >= 3
    labels, groups = labels[keep], groups[keep]
    splits = assign_splits(labels, groups=groups, seed=seed)
    for group in np.unique(groups):
        assert len(set(splits[groups == group])) == 1
    assert set(labels[splits == "train"]) == set(labels)


def test_groups_do_not_move_the_shares():
    groups = np.arange(80) // 2
    counts = count(assign_splits(LABELS, groups=groups))
    assert abs(counts["test"] - 20) <= 4 and abs(counts["val"] - 12) <= 4


def test_a_class_of_few_groups_is_tested_all_the_same():
    labels = np.repeat([0, 1], 12)
    groups = np.r_[np.arange(12) // 4, 100 + np.arange(12)]  # 3 groups of 4
    splits = assign_splits(labels, groups=groups)
    assert min(count(splits[:12]).values()) == 4


def test_fewer_than_three_pictures_are_refused():
    with pytest.raises(ValueError, match=r"at least 3.*Received: \{'wren': 2}"):
        assign_splits([0, 0, 0, 1, 1], class_names=("tit", "wren"))


# === Some given ===


def given_splits(**shares):
    words = [word for word, number in shares.items() for _ in range(number)]
    return np.array(words * 4)


def test_all_three_are_kept():
    splits = given_splits(train=10, val=5, test=5)
    assert np.array_equal(assign_splits(LABELS, splits), splits)


def test_validation_is_taken_from_train():
    splits = assign_splits(LABELS, given_splits(train=14, test=6))
    assert np.array_equal(
        splits == "test", given_splits(train=14, test=6) == "test"
    )
    assert count(splits[:20]) == {"train": 12, "val": 2, "test": 6}


@pytest.mark.parametrize(("share", "val"), [(0.01, 1), (0.2, 2), (0.5, 5)])
def test_another_share_is_validated_on(share, val):
    words = np.tile(["train", "test"], 40)
    splits = assign_splits(LABELS, words, val_share=share)
    for label in range(4):
        expected = {"train": 10 - val, "val": val, "test": 10}
        assert count(splits[LABELS == label]) == expected


def test_val_without_test_is_the_test():
    given = given_splits(train=14, val=6)
    splits = assign_splits(LABELS, given)
    assert np.array_equal(splits == "test", given == "val")
    assert count(splits[20:40]) == {"train": 12, "val": 2, "test": 6}


def test_groups_stay_together_in_a_given_train():
    given = given_splits(train=14, test=6)
    groups = np.arange(80) // 2
    splits = assign_splits(LABELS, given, groups)
    assert np.all(splits[::2] == splits[1::2])


def test_two_given_train_pictures_both_stay_in_train():
    splits = ["train", "train", "test", "train", "test"]
    assert assign_splits([0, 0, 0, 1, 1], splits).tolist() == splits


def test_the_only_given_train_picture_stays_in_train():
    splits = ["train", "test", "train", "train", "test"]
    drawn = assign_splits([0, 0, 1, 1, 1], splits, val_share=0.5)
    assert drawn[0] == "train"
    assert sorted(drawn[2:4]) == ["train", "val"]


def test_pictures_without_a_split_are_left_out():
    splits = given_splits(train=10, val=5, test=5)
    splits[3] = ""
    with pytest.warns(UserWarning, match="1 of 80 pictures have no split"):
        assert assign_splits(LABELS, splits)[3] == ""


def test_unused_pictures_stay_so_without_a_warning():
    splits = given_splits(train=14, test=6).astype("<U6")
    splits[[0, 25]] = "unused"
    found = assign_splits(LABELS, splits)
    assert np.flatnonzero(found == "unused").tolist() == [0, 25]
    assert count(found[60:]) == {"train": 12, "val": 2, "test": 6}


def test_warns_of_near_duplicates_across_given_splits():
    groups = np.arange(80)
    groups[19] = 0  # test and train
    with pytest.warns(UserWarning, match="1 pictures of the given test split"):
        assign_splits(LABELS, given_splits(train=10, val=5, test=5), groups)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"train": 20}, r"\['test'\]"),
        ({"test": 20}, r"\['train'\]"),
        ({"train": 10, "exam": 10}, r"unknown=\['exam'\]"),
        ({"train": 10, "test": 9}, "76 for 80 pictures"),
    ],
)
def test_refuses_given_splits(words, message):
    with pytest.raises(ValueError, match=message):
        assign_splits(LABELS, given_splits(**words))


def test_refuses_a_class_without_train():
    splits = given_splits(train=10, val=5, test=5)
    splits[:20] = "test"
    with pytest.raises(ValueError, match=r"classes: \['tit'\]"):
        assign_splits(LABELS, splits, class_names=["tit", "b", "c", "d"])


# === On disk ===


def test_a_file_is_read_as_it_was_written(tmp_path):
    names = ["a/1.jpg", 'ö, "x"/ü 2.jpg', "b/\udcff.png", "d/4.jpg", "c/no.jpg"]
    splits = ["train", "val", "test", "unused"]
    write_splits(tmp_path / "s.csv", names, [*splits, ""])
    assert read_splits(tmp_path / "s.csv") == dict(
        zip(names[:4], splits, strict=True)
    )
    assert [path.name for path in tmp_path.iterdir()] == ["s.csv"]


def test_a_failed_write_keeps_the_old_file(tmp_path):
    write_splits(tmp_path / "s.csv", ["a"], ["train"])
    with pytest.raises(ValueError):
        write_splits(tmp_path / "s.csv", ["a", "b"], ["test"])
    assert [path.name for path in tmp_path.iterdir()] == ["s.csv"]
    assert read_splits(tmp_path / "s.csv") == {"a": "train"}


def test_a_place_in_front_of_a_name_hides_no_picture(tmp_path):
    file, splits = tmp_path / "s.csv", ["test", "val", "train"]
    inner = ["wren/1.jpg", "tit/2.jpg", "tit/3.jpg"]
    placed = [f"photos/{name}" for name in inner]
    for known, names in ((inner, placed), (placed, inner)):
        write_splits(file, known, ["train", "test", "train"])
        assert trained_on(file, names, splits) == []
        for place in ("", "photos"):
            assert trained_on(file, names, splits, place) == [names[0]]
        assert trained_on(file, names, splits, "found") == []
    assert trained_on(file, ["found/wren/1.jpg"], ["test"]) == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_table_of_a_spreadsheet_is_read(tmp_path, separator, encoding):
    file = tmp_path / "splits.csv"
    text = f"path{separator}split\rö.jpg{separator}val\r"
    file.write_bytes(text.encode(encoding))
    assert read_splits(file) == {"ö.jpg": "val"}


def test_spellings_of_other_programs_are_read(tmp_path):
    (tmp_path / "s.csv").write_text(
        "\ufeffsplit,note,path\r\nTRAIN,x,.\\a\\1.jpg\r\nvalid,,a/2.jpg\r\n"
        "validation,, a/3.jpg \r\n\r\n",
        encoding="utf-8",
    )
    assert read_splits(tmp_path / "s.csv") == {
        "a/1.jpg": "train",
        "a/2.jpg": "val",
        "a/3.jpg": "val",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must name the columns"),
        ("path:split\na:train\n", "Received: 'path:split'"),
        ("path,split\na,exam\n", "Line 2.*Received: split='exam'"),
        ("path,split\na,train\na,test\n", "Line 3.*'train' and 'test'"),
        ("path,split\na\n", "Line 2.*must have a value"),
        ("path,split\na,\n", "Line 2.*must have a value"),
    ],
)
def test_refuses_a_file(text, message, tmp_path):
    (tmp_path / "s.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_splits(tmp_path / "s.csv")


# === Real data ===


def test_flowers17_keeps_its_own_split(real_data):
    source = from_folder(real_data("flowers17"))
    splits = assign_splits(source.labels, source.splits, source.groups)
    assert np.array_equal(splits, source.splits)
    assert count(splits) == {"train": 680, "val": 340, "test": 340}


def test_dogs10_is_tested_on_its_val(real_data):
    source = from_folder(real_data("dogs10"))
    splits = assign_splits(source.labels, source.splits)
    assert np.array_equal(splits == "test", source.splits == "val")
    assert count(splits) == {"train": 850, "val": 150, "test": 400}
