import numpy as np
import pytest

from kerasfg.data.sources.published import read_deepfashion
from kerasfg.data.sources.published import read_deepfashion_attributes

CATEGORIES = {"Anorak": 1, "Cape": 3, "Jeans": 2, "Dress": 3}
IMAGES = [
    ("img/Red_Anorak/img_00000001.jpg", 1, "train"),
    ("img/Red_Anorak/img_00000002.jpg", 1, "test"),
    ("img/Blue_Jeans/img_00000001.jpg", 3, "val"),
    ("img/Blue_Jeans/img_00000002.jpg", 3, "train"),
    ("img/Long_Dress/img_00000001.jpg", 4, "train"),
]


@pytest.fixture
def root(tmp_path, draw, write):
    """A replica with four categories, of which `Cape` has no picture."""

    def table(path, columns, rows):
        rows = ["   ".join(map(str, row)) for row in rows]
        write(tmp_path / path, [len(rows), columns, *rows])

    for seed, (image, _, _) in enumerate(IMAGES):
        draw(tmp_path / "Img" / image, (10, 8), seed)
    table(
        "Eval/list_eval_partition.txt",
        "image_name  evaluation_status",
        [(image, split) for image, _, split in IMAGES],
    )
    table(
        "Anno/list_category_cloth.txt",
        "category_name  category_type",
        CATEGORIES.items(),
    )
    table(
        "Anno/list_category_img.txt",
        "image_name  category_label",
        [(image, label) for image, label, _ in reversed(IMAGES)],
    )
    table(
        "Anno/list_bbox.txt",
        "image_name  x_1  y_1  x_2  y_2",
        [(image, "001 002 005 007") for image, _, _ in IMAGES],
    )
    return tmp_path


def test_contract(root):
    source = read_deepfashion(root)
    assert source.class_names == ("Anorak", "Jeans", "Dress")
    found = zip(source.names, source.labels, source.splits, strict=True)
    assert sorted(found) == sorted(
        (f"Img/{image}", {1: 0, 3: 1, 4: 2}[label], split)
        for image, label, split in IMAGES
    )
    assert source.read(0).size == (10, 8)


def test_the_later_layout_is_read_alike(root):
    before = read_deepfashion(root, boxes=True)
    (root / "Anno").rename(root / "Anno_coarse")
    after = read_deepfashion(root, boxes=True)
    assert after.names == before.names
    assert after.splits.tolist() == before.splits.tolist()
    partition = root / "Eval" / "list_eval_partition.txt"
    partition.rename(root / "Anno_coarse" / partition.name)
    assert read_deepfashion(root).names == before.names
    assert read_deepfashion_attributes(root).attributes == ("body",)


def test_pictures_may_be_next_to_the_folder_img(root):
    (root / "Img" / "img").rename(root / "img")
    source = read_deepfashion(root)
    assert source.names[0].startswith("img/")
    assert source.read(0).size == (10, 8)


def test_boxes_crop_to_the_clothing(root):
    whole = np.asarray(read_deepfashion(root).read(0))
    cut = np.asarray(read_deepfashion(root, boxes=True).read(0))
    np.testing.assert_array_equal(cut, whole[2:7, 1:5])


def test_attributes_are_the_part_of_the_body(root):
    table = read_deepfashion_attributes(root)
    assert table.class_names == read_deepfashion(root).class_names
    assert table.by_class() == {
        "Anorak": {"body": "upper body"},
        "Jeans": {"body": "lower body"},
        "Dress": {"body": "full body"},
    }


@pytest.mark.parametrize(
    "file",
    [
        "Eval/list_eval_partition.txt",
        "Anno/list_category_img.txt",
        "Anno/list_category_cloth.txt",
        "Anno/list_bbox.txt",
    ],
)
def test_a_missing_list_is_named(root, file):
    (root / file).unlink()
    message = f"{file.split('/')[1]} .*is missing.*Multimedia.*Received: dir"
    with pytest.raises(ValueError, match=message):
        read_deepfashion(root, boxes=True)


def test_a_missing_picture_is_named(root):
    (root / "Img" / IMAGES[1][0]).unlink()
    message = "1 of 5 pictures are missing, such as Img/img/Red_Anorak"
    with pytest.raises(ValueError, match=message):
        read_deepfashion(root)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("Anno/list_category_img.txt", "5\n", "6\n", "it is '6' for 5"),
        (
            "Anno/list_category_img.txt",
            "00000002.jpg   1",
            "00000001.jpg 1",
            "once",
        ),
        ("Anno/list_category_img.txt", ".jpg   4", ".jpg   5", "beyond the 4"),
        ("Anno/list_category_img.txt", ".jpg   4", ".jpg   0", "beyond the 4"),
        (
            "Anno/list_category_cloth.txt",
            "Cape   3",
            "Cape   4",
            r"types \[4\]",
        ),
        ("Eval/list_eval_partition.txt", "val", "dev", r"splits \['dev'\]"),
        ("Eval/list_eval_partition.txt", "Long", "Short", "in 2 pictures"),
        ("Anno/list_bbox.txt", "Long", "Short", "differ in 2 pictures"),
        ("Anno/list_bbox.txt", "001 002", "x 002", "must have 5 columns"),
    ],
)
def test_lists_must_fit(root, change, file, old, new, message):
    change(root / file, old, new)
    with pytest.raises(ValueError, match=f"{message}.*Received: directory="):
        read_deepfashion(root, boxes=True)


def test_an_empty_list_is_incomplete(root):
    (root / "Eval" / "list_eval_partition.txt").write_text("")
    with pytest.raises(ValueError, match="it is 'nothing' for 0 rows"):
        read_deepfashion(root)


@pytest.mark.parametrize("path", ["/etc/Long_Dress", "img/../../Long_Dress"])
def test_a_path_must_not_lead_out_of_the_folder(root, change, path):
    for file in ("Eval/list_eval_partition.txt", "Anno/list_category_img.txt"):
        change(root / file, "img/Long_Dress", path)
    with pytest.raises(ValueError, match="which is not inside the folder"):
        read_deepfashion(root)
