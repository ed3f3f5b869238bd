"""COCO and MegaDetector; docs/pictures.md has more."""

import json

import numpy as np
import pytest
from PIL import Image

from kerasfg.data import from_places
from kerasfg.notice import Notice

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 40, 3), "uint8")


@pytest.fixture
def folder(tmp_path):
    for name in ("fox/0.png", "fox/1.png", "owl/0.png", "owl/1.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(PIXELS).save(tmp_path / name)
    return tmp_path


def read(folder, content, name="list.json", **options):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content))
    return from_places(folder / name, **options)


def coco(*annotations):
    files = ["fox/0.png", "fox/1.png", "owl/0.png", "owl/1.png"]
    return {
        "images": [{"id": i, "file_name": f} for i, f in enumerate(files)],
        "categories": [{"id": 3, "name": "fox"}, {"id": 9, "name": "owl"}],
        "annotations": [
            {"image_id": i, "category_id": category} | more
            for i, category, more in annotations
        ],
    }


@pytest.mark.parametrize("name", ["list.json", "annotations/list.json"])
def test_each_box_of_coco_is_a_picture(folder, name):
    content = coco(
        (0, 3, {"bbox": [10, 5, 10, 10]}),
        (0, 9, {"bbox": [20, 5, 10, 10]}),
        (1, 3, {"bbox": [1, 1, 5, 5], "iscrowd": 0}),
        (2, 9, {"bbox": [0, 0, 9, 9], "iscrowd": 1}),
        (2, 9, {"bbox": [0, 0, 9, 0]}),
    )
    with pytest.warns(UserWarning, match="1 box around a crowd|boxes without"):
        source = read(folder, content, name)
    assert source.class_names == ("fox", "owl")
    assert source.labels.tolist() == [0, 1, 0]
    np.testing.assert_array_equal(source.read(0), PIXELS[4:16, 9:21])
    assert source.groups.tolist()[0] == source.groups.tolist()[1]
    assert dict(source.left_out)["owl/1.png"] == "picture without a box"


def test_paths_of_windows_are_found_in_the_folder_of_pictures(folder):
    content = coco(*[(i, 3 + 6 * (i > 1), {}) for i in range(4)])
    for image in content["images"]:
        image["file_name"] = image["file_name"].replace("/", "\\")
    source = read(folder, content, "annotations/list.json")
    assert source.labels.tolist() == [0, 0, 1, 1]
    assert source.read(0).size == (40, 20)


def test_annotations_without_boxes_are_of_the_whole_picture(folder):
    source = read(folder, coco(*[(i, 3 + 6 * (i > 1), {}) for i in range(4)]))
    assert source.labels.tolist() == [0, 0, 1, 1]
    np.testing.assert_array_equal(source.read(0), PIXELS)


def megadetector(*images, **more):
    return {
        "detection_categories": {"1": "animal", "2": "person"},
        "images": [
            {"file": file, "detections": detections} | other
            for file, detections, other in images
        ],
    } | more


def animal(*box, conf=0.9, category="1", **more):
    return {"category": category, "conf": conf, "bbox": box} | more


def test_animals_are_cut_out_and_folders_are_labels(folder):
    content = megadetector(
        (
            "fox/0.png",
            [
                animal(0.25, 0.25, 0.25, 0.5),
                animal(0, 0, 1, 1, category="2"),
                animal(0, 0, 0.5, 0.5, conf=0.19),
                animal(0.5, 0.5, 0.5, 0.5, conf=0.2),
            ],
            {},
        ),
        ("owl/0.png", [animal(0, 0, 1, 1)], {}),
        ("owl/1.png", [], {}),
    )
    with (
        pytest.warns(Notice, match="folders of the pictures are the labels of"),
        pytest.warns(UserWarning, match="1 picture without a box"),
    ):
        source = read(folder, content, box_margin=0)
    assert source.labels.tolist() == [0, 0, 1]
    np.testing.assert_array_equal(source.read(0), PIXELS[5:15, 10:20])
    np.testing.assert_array_equal(source.read(1), PIXELS[10:, 20:])


@pytest.mark.parametrize(
    ("more", "note"),
    [({"label": "b"}, "The keys `label`"), ({}, "The first classifications")],
)
def test_labels_come_before_classifications(folder, more, note):
    boxes = [
        animal(0, 0, 1, 1, classifications=[[key, 0.9], ["8", 0.1]])
        for key in ("7", "8")
    ]
    content = megadetector(
        ("fox/0.png", boxes[:1], {k: "a" for k in more}),
        ("owl/0.png", boxes[1:], more),
        classification_categories={"7": "c", "8": "d"},
    )
    with pytest.warns(Notice, match=note):
        source = read(folder, content)
    assert source.class_names == (("a", "b") if more else ("c", "d"))


@pytest.mark.parametrize(
    "content",
    [
        {"annotations": []},
        {"annotations": [1], "images": [], "categories": []},
        coco((99, 3, {})),
        coco((0, 99, {})),
        coco((0, 3, {"bbox": [1, 2, 3]})),
        coco((0, 3, {"bbox": ["x", 2, 3, 4]})),
        {"detection_categories": {}, "images": [{}]},
        {"detection_categories": [], "images": []},
        {"detection_categories": {"1": "animal"}, "images": None},
        megadetector(("fox/0.png", [{"category": "1"}], {})),
    ],
    ids=str,
)
def test_what_is_not_as_it_should_be_is_one_line(folder, content):
    with pytest.raises(ValueError, match="must be as COCO or Mega.*Received"):
        read(folder, content)


@pytest.mark.parametrize(
    "text", ["", "[" * 100_000, '{"annotations": [NaN]}', "[]", "\0"]
)
def test_what_is_not_json_is_one_line(folder, text):
    (folder / "list.json").write_text(text)
    with pytest.raises(ValueError, match="JSON.*Received: directory="):
        from_places(folder / "list.json")
