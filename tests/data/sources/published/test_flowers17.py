import numpy as np
import pytest
from scipy.io import savemat

from kerasfg.data import assign_splits
from kerasfg.data.sources.published import read_flowers17
from kerasfg.data.sources.published.catalog import read_published
from kerasfg.data.sources.published.flowers17 import CLASS_NAMES


@pytest.fixture
def root(tmp_path, draw):
    """All 1360 pictures, of which but one is the same."""
    draw(tmp_path / "jpg" / "image_0001.jpg")
    content = (tmp_path / "jpg" / "image_0001.jpg").read_bytes()
    for number in range(2, 1361):
        path = tmp_path / "jpg" / f"image_{number:04}.jpg"
        path.write_bytes(content)
    draw(tmp_path / "jpg" / "image_1360.jpg", (9, 7), seed=1)
    return tmp_path


def official(shift=0):
    """Numbers of the pictures: 40, 20 and 20 of each class."""
    numbers = np.arange(1, 1361).reshape(17, 80)
    numbers = np.roll(numbers, shift, axis=1)
    return {
        "trn": numbers[:, :40].reshape(1, -1),
        "val": numbers[:, 40:60].reshape(1, -1),
        "tst": numbers[:, 60:].reshape(1, -1).astype("float64"),
    }


def save(root, **changes):
    parts = {
        f"{word}{i}": part
        for i in (1, 2, 3)
        for word, part in official(i).items()
    }
    savemat(root / "datasplits.mat", {**parts, **changes})


def test_contract(root):
    source = read_flowers17(root)
    assert source.class_names == CLASS_NAMES
    assert np.bincount(source.labels).tolist() == [80] * 17
    assert source.names[0] == "jpg/image_0001.jpg"
    assert source.names[-1] == "jpg/image_1360.jpg"
    assert source.read(1359).size == (9, 7)


@pytest.mark.parametrize("options", [{}, {"split": 1}, {"split": 3}], ids=str)
def test_official_splits_are_used(root, options):
    save(root)
    source = read_flowers17(root, **options)
    parts = official(options.get("split", 1))
    for word, split in {"trn": "train", "val": "val", "tst": "test"}.items():
        found = np.flatnonzero(source.splits == split) + 1
        assert found.tolist() == sorted(parts[word].ravel().tolist())


def test_without_them_half_of_each_class_is_drawn_for_the_test(root):
    source = read_flowers17(root)
    for label in range(17):
        splits = source.splits[source.labels == label].tolist()
        assert (splits.count("train"), splits.count("test")) == (40, 40)
    assert source.splits.tolist() == read_flowers17(root).splits.tolist()
    other = read_flowers17(root, seed=1)
    assert source.splits.tolist() != other.splits.tolist()
    splits = assign_splits(source.labels, source.splits)
    assert np.sum(splits == "test") == 680


def test_the_folder_of_the_pictures_may_be_inside(root, tmp_path_factory):
    outer = tmp_path_factory.mktemp("outer")
    (outer / "17flowers").symlink_to(root)
    assert len(read_flowers17(outer)) == 1360


def test_missing_pictures_are_counted(root):
    for number in range(1281, 1361):
        (root / "jpg" / f"image_{number}.jpg").unlink()
    message = "80 of 1360 pictures are missing, such as jpg/image_1281.*17flo"
    with pytest.raises(ValueError, match=message):
        read_flowers17(root)


@pytest.mark.parametrize(
    "part",
    [[[1, 2, 3]], official(1)["val"] + 1, [[np.nan] * 340], [[0.5] * 340]],
    ids=["few", "shifted", "nan", "halves"],
)
def test_an_official_split_has_each_picture_once(root, part):
    save(root, val1=part)
    with pytest.raises(ValueError, match="split 1 of datasplits.mat must have"):
        read_flowers17(root)


def test_refuses_a_damaged_split_file(root):
    (root / "datasplits.mat").write_text("<html>not found</html>")
    with pytest.raises(
        ValueError, match=r"datasplits\.mat is not a MATLAB file"
    ):
        read_flowers17(root)


@pytest.mark.parametrize("split", [0, 4, "1"])
def test_rejects_split(root, split):
    with pytest.raises(ValueError, match=r"1, 2 or 3\. Received: split="):
        read_flowers17(root, split=split)


def test_class_names_are_in_the_order_of_the_numbers(real_data):
    folder = real_data("flowers17")
    for number, name in enumerate(CLASS_NAMES):
        assert (folder / name / f"image_{80 * number + 1:04}.jpg").exists()


def test_halves_are_of_40_whatever_the_official_splits(root):
    drawn = read_flowers17(root).splits
    found = [read_published("flowers17_halves", root)]
    save(root)
    found.append(read_published("flowers17_halves", root))
    for source in found:
        assert source.splits.tolist() == drawn.tolist()
        for label in range(17):
            own = source.splits[source.labels == label]
            assert np.count_nonzero(own == "train") == 40
            assert np.count_nonzero(own == "test") == 40
    assert read_flowers17(root).splits.tolist() != drawn.tolist()
