import json
import unicodedata

import pytest
from PIL import Image
from stand_ins import ColorNetwork
from stand_ins import color_predictor

from kerasfg.run.many_pictures.detections import classify_detections
from kerasfg.run.many_pictures.detections import read_detections
from kerasfg.run.many_pictures.journal import journal_of


def animal(x, y, conf=0.9, category="1", **more):
    box = [x, y, 0.5, 1.0]
    return {"category": category, "conf": conf, "bbox": box, **more}


@pytest.fixture
def found(tmp_path):
    """MegaDetector's results of pictures that are red left and blue right."""
    (tmp_path / "model").write_bytes(b"weights")
    (tmp_path / "images").mkdir()
    picture = Image.new("RGB", (20, 10), "red")
    picture.paste("blue", (10, 0, 20, 10))
    for name in ("a.png", "b.png"):
        picture.save(tmp_path / "images" / name)
    old = {"classifications": [["7", 0.9]]}
    images = [
        {"file": "a.png", "detections": [animal(0, 0), animal(0.5, 0, **old)]},
        {"file": "lost.png", "detections": [animal(0, 0)]},
        {"file": "empty.png", "detections": []},
        {"file": "x.png", "failure": "no picture", "detections": None},
        {
            "file": "b.png",
            "detections": [
                animal(0, 0, conf=0.1),
                animal(0, 0, category="2"),
                animal(0.5, 0, conf=1),
            ],
        },
    ]
    content = {
        "info": {"format_version": "1.4", "detector": "MDv5"},
        "detection_categories": {"1": "animal", "2": "person"},
        "images": images,
    }
    (tmp_path / "found.json").write_text(json.dumps(content))
    return tmp_path / "found.json"


def classify(found, predictor=None, **options):
    out = found.with_name("named.json")
    predictor = predictor or color_predictor()
    model = found.with_name("model")
    done = classify_detections(predictor, model, found, out, 1, **options)
    return done, json.loads(out.read_text())


def names(result):
    categories = result["classification_categories"]
    return {
        image["file"]: [
            [categories[key] for key, _ in detection.get("classifications", ())]
            for detection in image["detections"] or ()
        ]
        for image in result["images"]
    }


def test_animals_are_named_and_all_else_stays_as_it_was(found):
    done, result = classify(found, margin=0)
    assert names(result) == {
        "a.png": [["red"], ["blue"]],
        "lost.png": [[]],
        "empty.png": [],
        "x.png": [],
        "b.png": [[], [], ["blue"]],
    }
    assert (done.pictures, done.failed) == (5, 1)
    assert "No such file" in result["images"][1]["classification_error"]
    assert result["images"][3]["failure"] == "no picture"
    assert result["info"]["format_version"] == "1.6"
    assert result["info"]["detector"] == "MDv5"


@pytest.mark.parametrize("file", ["sub\\a.png", "\tsub/a.png ", "sub/ü.png"])
def test_paths_of_other_systems_are_found(found, file):
    folder = found.with_name("images")
    (folder / "sub").mkdir()
    spelled = unicodedata.normalize("NFD", file.strip().replace("\\", "/"))
    (folder / "a.png").rename(folder / spelled)
    content = json.loads(found.read_text())
    content["images"] = [content["images"][0] | {"file": file}]
    found.write_text(json.dumps(content))
    _, result = classify(found, margin=0)
    assert names(result) == {file: [["red"], ["blue"]]}
    out = found.with_name("named.coco.json")
    model = found.with_name("model")
    classify_detections(color_predictor(), model, found, out, 1)
    (image,) = json.loads(out.read_text())["images"]
    assert image["file_name"] == f"images/{spelled}"


def test_a_margin_shows_what_is_around_the_box(found):
    def share(margin):
        _, result = classify(found, margin=margin)
        found.with_name("named.json").unlink()
        return result["images"][0]["detections"][0]["classifications"][0][1]

    assert share(0) > 0.99 > share(0.5) > 0.6


def test_the_results_are_as_the_format_demands(found):
    _, result = classify(found)
    for image in result["images"]:
        assert ("failure" in image) == (image["detections"] is None)
        for detection in image["detections"] or ():
            assert isinstance(detection["conf"], float)
            for key, probability in detection.get("classifications", ()):
                assert key in result["classification_categories"]
                assert 0 <= probability <= 1
    assert all(map(str.isdigit, result["classification_categories"]))


def test_what_is_unknown_has_a_category_of_its_own(found):
    predictor = color_predictor(
        classify_with_familiarity=lambda images: (
            ColorNetwork()(images),
            [0.1 + 0.8 * (image[0, 0, 0] > 9) for image in images],
        )
    )
    _, result = classify(found, predictor, margin=0)
    assert names(result)["a.png"] == [["red"], ["none of these classes"]]


def test_it_resumes(found):
    out = found.with_name("named.json")
    first, _ = classify(found, color_predictor(ColorNetwork(0)))
    assert not first.finished and journal_of(out).exists()
    second, result = classify(found)
    assert second.finished and names(result)["a.png"] == [["red"], ["blue"]]


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"info": {}, "detection_categories": {}, "images": [1]}',
        '{"info": {}, "detection_categories": {}, "images": [{"file": "a", '
        '"detections": [{"bbox": [1, 2], "category": "1", "conf": 1}]}]}',
        '{"info": {}, "detection_categories": [], "images": []}',
        '{"info": {}, "detection_categories": {}, "images": [{"file": "a"}, '
        '{"file": "a"}]}',
        '{"info": {}, "detection_categories": {}, "images": [{"file": "a", '
        '"detections": 0}]}',
        '{"info": {}, "detection_categories": {}, "images": [{"file": "a", '
        '"detections": [{"bbox": [1, 2, 3, 1%s], "category": "1", "conf": 1}]}]'
        "}" % ("0" * 400),
        "{",
    ],
)
def test_other_files_are_refused(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ValueError, match="MegaDetector's results|must be JSON"):
        read_detections(tmp_path / "a.json")


def test_a_file_that_is_no_json_is_named_as_it_was_given(found):
    found.write_text("{")
    with pytest.raises(
        ValueError, match="must be JSON.*pictures='.*found.json"
    ):
        read_detections(found)


def test_another_ending_is_refused(found):
    with pytest.raises(ValueError, match="the ending .json"):
        classify_detections(
            color_predictor(), None, found, found.with_name("named.csv")
        )


@pytest.mark.parametrize(
    "box",
    [
        [0, 0, 1e999, 1],
        [-1e308, 0, 1e308, 1],
        [0.5, 0.5, -0.1, -0.1],
        [7, 7, 1, 1],
        [0, 0, 1e308, 1e308],
    ],
)
def test_a_box_that_is_none_is_an_error_of_its_picture(found, box):
    content = json.loads(found.read_text())
    content["images"][0]["detections"][0]["bbox"] = box
    found.write_text(json.dumps(content).replace("Infinity", "1e999"))
    _, result = classify(found)
    first = result["images"][0]
    is_cut = box == [0, 0, 1e308, 1e308]  # all of the picture
    assert ("classification_error" in first) == (not is_cut)
    assert names(result)["a.png"] == [["red"] if is_cut else [], ["blue"]]
    assert names(result)["b.png"][2] == ["blue"]


def test_other_detections_are_not_mixed_with_those_begun(found):
    classify(found, color_predictor(ColorNetwork(0)))
    content = json.loads(found.read_text())
    content["images"][0]["detections"].reverse()
    found.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="another `detections`$"):
        classify(found)
