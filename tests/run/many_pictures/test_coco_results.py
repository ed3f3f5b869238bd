import json

import pytest
from PIL import Image
from stand_ins import ColorNetwork
from stand_ins import color_predictor

from kerasfg.data.sources.lists.json_file import list_json
from kerasfg.run.many_pictures.classify import classify_pictures
from kerasfg.run.many_pictures.detections import classify_detections


def test_pictures_are_read_back_with_their_classes(model, tmp_path, take):
    photos = tmp_path / "photos"
    for name, color in {
        "1.jpg": "red",
        "2.jpg": "blue",
        "3.jpg": "lime",
    }.items():
        take(photos / name, color, 0)
    (photos / "4.jpg").write_bytes(b"\xff\xd8\xff")
    predictor = color_predictor(
        classify_with_familiarity=lambda images: (
            ColorNetwork()(images),
            [0.9 - 0.8 * (image[0, 0, 1] > 9) for image in images],
        )
    )
    (tmp_path / "out").mkdir()
    out = tmp_path / "out" / "results.coco.json"
    classify_pictures(predictor, model, [photos], out, by_burst=True)
    found = json.loads(out.read_text())
    assert [x["file_name"] for x in found["images"]] == [
        f"../photos/{i}.jpg" for i in range(1, 5)
    ]
    assert [x["image_id"] for x in found["annotations"]] == [1, 2]
    assert found["images"][0]["seq_num_frames"] == 3
    assert "damaged" in found["images"][3]["error"]
    assert found["annotations"][0]["score"] > 0.9
    listing = list_json(out)
    assert [picture.label for picture in listing.pictures] == ["red", "blue"]


@pytest.fixture
def detections(model, tmp_path):
    picture = Image.new("RGB", (20, 10), "red")
    picture.paste("blue", (10, 0, 20, 10))
    (tmp_path / "images").mkdir()
    picture.save(tmp_path / "images" / "a.png")
    boxes = [
        {"category": "1", "conf": conf, "bbox": [x, 0, 0.25, 0.5]}
        for x, conf in ((0, 0.9), (0.5, 1), (0, 0.1))
    ]
    content = {
        "info": {},
        "detection_categories": {"1": "animal"},
        "images": [
            {"file": "a.png", "detections": boxes},
            {"file": "lost.png", "detections": boxes},
        ],
    }
    (tmp_path / "found.json").write_text(json.dumps(content))
    return tmp_path / "found.json"


def test_boxes_are_in_pixels_of_the_picture(detections, model, tmp_path):
    out = tmp_path / "named.coco.json"
    classify_detections(color_predictor(), model, detections, out, 1)
    found = json.loads(out.read_text())
    assert [x["bbox"] for x in found["annotations"]] == [
        [0, 0, 5, 5],
        [10, 0, 5, 5],
    ]
    assert found["annotations"][1]["area"] == 25
    assert found["images"][0]["file_name"] == "images/a.png"
    assert (found["images"][0]["width"], found["images"][0]["height"]) == (
        20,
        10,
    )
    assert "No such file" in found["images"][1]["error"]
    listing = list_json(out)
    assert [picture.label for picture in listing.pictures] == ["red", "blue"]


def test_no_pictures_are_a_whole_file(model, tmp_path):
    (tmp_path / "photos").mkdir()
    out = tmp_path / "results.coco.json"
    classify_pictures(color_predictor(), model, [tmp_path / "photos"], out)
    found = json.loads(out.read_text())
    assert found["images"] == found["annotations"] == []
    assert [x["id"] for x in found["categories"]] == [1, 2, 3]
