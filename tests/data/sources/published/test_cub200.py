import numpy as np
import pytest

from kerasfg.data import assign_splits
from kerasfg.data.sources.published import read_cub200
from kerasfg.data.sources.published import read_cub200_attributes

CLASSES = ("001.Black_footed_Albatross", "002.Laysan_Albatross")


@pytest.fixture
def root(tmp_path, draw, write):
    """A replica with two classes of three pictures, as the archive unpacks."""
    inner = tmp_path / "CUB_200_2011"
    images = [
        f"{name}/{name[4:]}_{i}.jpg" for name in CLASSES for i in range(3)
    ]
    for seed, image in enumerate(images):
        draw(inner / "images" / image, (10, 8), seed)
    numbered = [f"{i} {image}" for i, image in enumerate(images, start=1)]
    write(inner / "images.txt", numbered)
    labels = [f"{i} {1 if i <= 3 else 2}" for i in range(1, 7)]
    write(inner / "image_class_labels.txt", labels)
    write(
        inner / "train_test_split.txt",
        [f"{i} {i % 3 != 0:d}" for i in range(1, 7)],
    )
    write(
        inner / "classes.txt",
        [f"{i} {name}" for i, name in enumerate(CLASSES, start=1)],
    )
    write(
        inner / "bounding_boxes.txt",
        [f"{i} 1.0 2.0 4.0 5.0" for i in range(1, 7)],
    )
    write(
        inner / "attributes" / "class_attribute_labels_continuous.txt",
        ["50.0 49.9 0.0", "12.5 100.0 0.0"],
    )
    write(
        tmp_path / "attributes.txt",
        [
            "1 has_bill_shape::curved_(up_or_down)",
            "2 has_bill_shape::dagger",
            "3 has_tail_shape::forked_tail",
        ],
    )
    return tmp_path


def test_contract(root):
    source = read_cub200(root)
    assert source.class_names == ("Black_footed_Albatross", "Laysan_Albatross")
    assert source.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert source.splits.tolist() == ["train", "train", "test"] * 2
    assert source.names[3] == (
        "images/002.Laysan_Albatross/Laysan_Albatross_0.jpg"
    )
    assert source.read(0).size == (10, 8)


def test_the_folder_may_be_the_inner_one(root):
    inner = root / "CUB_200_2011"
    assert read_cub200(inner).names == read_cub200(root).names
    assert len(read_cub200_attributes(inner).attributes) == 3
    (root / "attributes.txt").rename(inner / "attributes" / "attributes.txt")
    assert len(read_cub200_attributes(inner).attributes) == 3


def test_order_is_that_of_the_numbers(root, write):
    path = root / "CUB_200_2011" / "images.txt"
    before = read_cub200(root).names
    write(path, reversed(path.read_text().splitlines()))
    assert read_cub200(root).names == before


def test_validation_is_drawn_from_the_official_train(root):
    source = read_cub200(root)
    splits = assign_splits(source.labels, source.splits)
    assert (splits == "test").tolist() == (source.splits == "test").tolist()


def test_boxes_crop_to_the_bird(root):
    whole = np.asarray(read_cub200(root).read(0))
    cut = np.asarray(read_cub200(root, boxes=True).read(0))
    np.testing.assert_array_equal(cut, whole[2:7, 1:5])


def test_attributes_are_those_that_half_of_the_answers_named(root):
    table = read_cub200_attributes(root)
    assert table.class_names == read_cub200(root).class_names
    assert table.attributes[0] == "has_bill_shape::curved_(up_or_down)"
    assert table.values.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert table.value_names == (("no", "yes"),) * 3


def test_the_threshold_is_a_percentage(root):
    table = read_cub200_attributes(root, threshold=12.5)
    assert table.values.tolist() == [[1, 1, 0], [1, 1, 0]]


@pytest.mark.parametrize(
    "file",
    ["images", "image_class_labels", "train_test_split", "classes"],
)
def test_a_missing_list_is_named(root, file):
    (root / "CUB_200_2011" / f"{file}.txt").unlink()
    message = rf"{file}\.txt is missing.*CUB_200_2011\.tgz.*Received: directory"
    with pytest.raises(ValueError, match=message):
        read_cub200(root)


def test_missing_boxes_are_an_error_only_with_boxes(root):
    (root / "CUB_200_2011" / "bounding_boxes.txt").unlink()
    assert len(read_cub200(root)) == 6
    with pytest.raises(ValueError, match=r"bounding_boxes\.txt is missing"):
        read_cub200(root, boxes=True)


@pytest.mark.parametrize(
    "file",
    [
        "attributes.txt",
        "CUB_200_2011/attributes/class_attribute_labels_continuous.txt",
    ],
)
def test_a_missing_list_of_attributes_is_named(root, file):
    (root / file).unlink()
    with pytest.raises(ValueError, match=f"{file.split('/')[-1]}.* is missing"):
        read_cub200_attributes(root)


def test_a_missing_picture_is_named(root):
    (root / "CUB_200_2011" / read_cub200(root).names[4]).unlink()
    message = "1 of 6 pictures are missing, such as images/002.Laysan"
    with pytest.raises(ValueError, match=message):
        read_cub200(root)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("image_class_labels.txt", "6 2\n", "", "6 images, 5 labels"),
        ("train_test_split.txt", "6 0\n", "", "6 images, 5 splits"),
        ("bounding_boxes.txt", "6 1.0 2.0 4.0 5.0\n", "", "6 images, 5 boxes"),
        ("image_class_labels.txt", "6 2\n", "6 3\n", "class beyond the 2"),
        ("image_class_labels.txt", "1 1\n", "1 0\n", "class beyond the 2"),
        ("classes.txt", "2 002", "3 002", "numbered from 1 on"),
        ("images.txt", "1 001", "1 ../../001", "not inside the folder"),
        ("images.txt", "1 001", "1 /001", "not inside the folder"),
    ],
)
def test_lists_must_fit(root, change, file, old, new, message):
    change(root / "CUB_200_2011" / file, old, new)
    with pytest.raises(ValueError, match=f"{message}.*Received: directory="):
        read_cub200(root, boxes=True)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("12.5 100.0 0.0\n", "", "2 classes, 1 rows"),
        ("12.5 100.0 0.0", "12.5 100.0", "line 2 of .* must have 3 columns"),
        ("12.5 ", "nan ", "line 2 of .* must have 3 columns"),
    ],
)
def test_attributes_must_fit(root, change, old, new, message):
    folder = root / "CUB_200_2011" / "attributes"
    change(folder / "class_attribute_labels_continuous.txt", old, new)
    with pytest.raises(ValueError, match=message):
        read_cub200_attributes(root)
