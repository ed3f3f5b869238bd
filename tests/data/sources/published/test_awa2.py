import numpy as np
import pytest

from kerasfg.data.sources.published import read_awa2
from kerasfg.data.sources.published import read_awa2_attributes

SIZES = {"antelope": 10, "grizzly+bear": 7, "ox": 3}


@pytest.fixture
def root(tmp_path, draw, write):
    """A replica with three classes of 10, 7 and 3 pictures."""
    for name, count in SIZES.items():
        for i in range(count):
            draw(tmp_path / "JPEGImages" / name / f"{name}_{10001 + i}.jpg")
    classes = [f"{i:6}\t{name}" for i, name in enumerate(SIZES, start=1)]
    write(tmp_path / "classes.txt", classes)
    write(tmp_path / "predicates.txt", ["     1\twhite", "     2\tforest"])
    write(tmp_path / "predicate-matrix-binary.txt", ["0 1", "1 1", "0 0"])
    return tmp_path


def test_contract(root):
    source = read_awa2(root)
    assert source.class_names == tuple(SIZES)
    assert np.bincount(source.labels).tolist() == [10, 7, 3]
    assert source.names[0] == "JPEGImages/antelope/antelope_10001.jpg"
    assert source.names[10].startswith("JPEGImages/grizzly+bear/")
    assert source.read(0).size == (8, 8)


def test_70_percent_of_each_class_are_train_and_one_of_these_val(root):
    source = read_awa2(root)
    # 7, 4.9 and 2.1 pictures, rounded; one less in train is the one in val
    for label, (train, test) in enumerate([(7, 3), (5, 2), (2, 1)]):
        splits = source.splits[source.labels == label].tolist()
        assert splits.count("train") == train - 1
        assert splits.count("val") == 1
        assert splits.count("test") == test


def test_the_seed_decides_the_split(root):
    first, again = read_awa2(root), read_awa2(root)
    assert first.splits.tolist() == again.splits.tolist()
    other = read_awa2(root, seed=1)
    assert first.splits.tolist() != other.splits.tolist()
    assert first.names == other.names


def test_a_class_is_split_alike_whatever_the_others_have(root, draw):
    before = read_awa2(root).splits[10:].tolist()
    draw(root / "JPEGImages" / "antelope" / "antelope_10011.jpg")
    assert read_awa2(root).splits[11:].tolist() == before


def test_other_files_are_no_pictures(root):
    folder = root / "JPEGImages" / "ox"
    (folder / "._ox_10001.jpg").write_text("x")
    (folder / "Thumbs.db").write_text("x")
    assert len(read_awa2(root)) == 20


def test_the_folder_of_the_archive_may_be_inside(root, tmp_path_factory):
    outer = tmp_path_factory.mktemp("outer")
    (outer / "Animals_with_Attributes2").symlink_to(root)
    assert read_awa2(outer).names == read_awa2(root).names
    assert read_awa2_attributes(outer).attributes == ("white", "forest")


def test_attributes(root):
    table = read_awa2_attributes(root)
    assert table.class_names == read_awa2(root).class_names
    assert table.values.tolist() == [[0, 1], [1, 1], [0, 0]]
    assert table.value_names[0] == ("no", "yes")


def test_fifty_classes_have_the_number_of_pictures_that_was_published(
    tmp_path, write
):
    classes = [f"class{i}" for i in range(50)]
    write(
        tmp_path / "classes.txt",
        [f"{i} {name}" for i, name in enumerate(classes, start=1)],
    )
    for name in classes:
        for i in range(3):
            write(tmp_path / "JPEGImages" / name / f"{i}.jpg", [])
    message = "has 37322 pictures. Found 150"
    with pytest.warns(UserWarning, match=message):
        read_awa2(tmp_path)


@pytest.mark.parametrize("folder", ["..", "/etc", "../other"])
def test_a_class_must_not_lead_out_of_the_folder(root, change, folder):
    change(root / "classes.txt", "ox", folder)
    with pytest.raises(ValueError, match="which is not inside the folder"):
        read_awa2(root)


def test_a_class_without_a_folder_is_named(root, change):
    change(root / "classes.txt", "ox", "yak")
    message = "JPEGImages/yak has 0 pictures.*AwA2-data.zip.*Received: dir"
    with pytest.raises(ValueError, match=message):
        read_awa2(root)


def test_a_class_has_three_pictures_at_least(root):
    (root / "JPEGImages" / "ox" / "ox_10001.jpg").unlink()
    with pytest.raises(ValueError, match="JPEGImages/ox has 2 pictures"):
        read_awa2(root)


def test_a_missing_list_is_named(root):
    (root / "predicates.txt").unlink()
    with pytest.raises(ValueError, match=r"predicates\.txt is missing.*AwA2-b"):
        read_awa2_attributes(root)
    (root / "classes.txt").unlink()
    with pytest.raises(ValueError, match=r"classes\.txt is missing.*Received"):
        read_awa2(root)


@pytest.mark.parametrize("line", ["0 0 1", "0 0\n0 0", "", "0 x"])
def test_attributes_must_fit_the_lists(root, change, line):
    change(root / "predicate-matrix-binary.txt", "0 0", line)
    with pytest.raises(ValueError, match="lists do not fit.*Received: direct"):
        read_awa2_attributes(root)


def test_reads_the_real_lists(real_data):
    table = read_awa2_attributes(real_data("awa2"))
    assert (len(table.class_names), len(table.attributes)) == (50, 85)
    polar_bear = table.class_names.index("polar+bear")
    white = table.attributes.index("white")
    assert table.values[polar_bear, white] == 1
