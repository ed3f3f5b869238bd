import dataclasses
import os

import numpy as np
import pytest
from PIL import Image

from kerasfg.data import from_folder
from kerasfg.evaluation.metrics.question import questions_of
from kerasfg.manifest import make_manifest
from kerasfg.manifest import write_manifest
from kerasfg.models import FineGrainedClassifier
from kerasfg.run.description import Description
from kerasfg.run.given_paths import find_pictures
from kerasfg.run.predictor import PictureError
from kerasfg.run.predictor import load_predictor


@pytest.fixture
def model(tiny_backbone, tmp_path):
    """The path of a saved model that knows its classes."""
    model = FineGrainedClassifier(
        tiny_backbone(), 3, class_names=["amber", "blue", "coral"]
    )
    model.save(tmp_path / "model.keras")
    return tmp_path / "model.keras"


def describe(model, **metadata):
    """Writes the `kerasfg.json` of the model's folder."""
    names = ["amber", "blue", "coral"]
    write_manifest(make_manifest(16, names, metadata), model.parent)


def test_a_model_alone_knows_its_classes(model, picture_folder):
    predictor = load_predictor(model)
    assert predictor.class_names == ("amber", "blue", "coral")
    assert (predictor.image_size, predictor.crop) == (16, None)
    with pytest.raises(ValueError, match="Not all .* give the `crop`, center"):
        predictor.predict(picture_folder / "blue" / "00.png")
    predictor = load_predictor(model, None, Description(crop="center"))
    answer = predictor.predict(picture_folder / "blue" / "00.png", top=2)
    assert len(answer["top"]) == 2 and answer["sure"]
    assert answer["class"] == answer["top"][0][0]
    assert answer["top"][0][1] >= answer["top"][1][1]


def test_a_folder_stands_for_the_model_in_it(model):
    assert load_predictor(model.parent).image_size == 16


def test_temperature_and_threshold_come_from_the_file_beside(
    model, picture_folder
):
    picture = picture_folder / "blue" / "00.png"
    described = Description(crop="center")
    plain = load_predictor(model, None, described).predict(picture, top=3)
    describe(model, temperature=4.0, threshold=0.99, crop="whole")
    predictor = load_predictor(model)
    assert predictor.crop == "whole"
    describe(model, temperature=4.0, threshold=0.99)
    flat = load_predictor(model).predict(picture, top=3)
    assert flat["class"] == plain["class"]
    assert not flat["sure"]
    logs = np.log([p for _, p in plain["top"]]) / 4
    expected = np.exp(logs) / np.exp(logs).sum()
    np.testing.assert_allclose([p for _, p in flat["top"]], expected, 1e-4)


def test_sets_come_from_the_file_beside(model, picture_folder):
    picture = picture_folder / "blue" / "00.png"
    describe(model)
    with pytest.raises(ValueError, match="kerasfg evaluate RUN"):
        load_predictor(model).predict(picture, coverage=0.9)
    lowest = [1.0] * 40 + [0.0] * 10
    describe(model, prediction_sets={"pictures": 99, "lowest": lowest})
    predictor = load_predictor(model)
    assert "set" not in predictor.predict(picture)
    one = predictor.predict(picture, top=1, coverage=0.8)
    assert one["set"] == one["top"] and one["coverage"] == 0.8
    assert len(predictor.predict(picture, top=1, coverage=0.9)["set"]) == 3


def test_a_run_takes_no_other_pictures(model, picture_folder):
    describe(model)
    message = "leave it out. Received: data="
    with pytest.raises(ValueError, match=message):
        load_predictor(model, data=str(picture_folder))


def test_asks_where_it_is_not_sure(model, picture_folder):
    picture = picture_folder / "blue" / "00.png"
    table = {
        "amber": {"warm": "yes"},
        "blue": {"warm": "no"},
        "coral": {"warm": "yes"},
    }
    describe(model, threshold=1.0, class_attributes=table)
    predictor = load_predictor(model)
    questions = questions_of(table, predictor.class_names)
    assert predictor.class_attributes == table
    before = dict(predictor.predict(picture)["top"])
    found = predictor.ask(picture, questions, lambda question: 1, wrong=0.01)
    assert found["questions"] == [{"question": "Warm?", "answer": "no"}]
    weights = {
        name: p * (0.99 if name == "blue" else 0.01)
        for name, p in before.items()
    }
    total = sum(weights.values())
    for name, p in found["top"]:
        assert p == pytest.approx(weights[name] / total)
    describe(model, class_attributes=table)  # it is always sure
    found = load_predictor(model).ask(picture, questions, pytest.fail)
    assert found["questions"] == []


def test_levels_come_from_the_file_beside(model, picture_folder):
    picture = picture_folder / "blue" / "00.png"
    level = {
        "name": "kind",
        "of_class": ["warm", "cold", "warm"],
        "threshold": 0.5,
    }
    describe(model, threshold=1.0, levels=[level])
    found = load_predictor(model).predict(picture)
    top = dict(found["top"])
    warm = top["amber"] + top["coral"]
    assert found["coarser"] == {
        "level": "kind",
        "name": "warm" if warm > top["blue"] else "cold",
        "probability": pytest.approx(max(warm, top["blue"])),
    }


def test_the_middle_of_a_picture_is_what_the_model_sees(model, tmp_path, rng):
    pixels = rng.integers(0, 256, (40, 30, 3), dtype="uint8")
    Image.fromarray(pixels).save(tmp_path / "whole.png")
    # Of the square from 5 to 35, three quarters are 23 pixels (22.5).
    Image.fromarray(pixels[8:31, 3:26]).save(tmp_path / "middle.png")
    plain = load_predictor(model).predict(tmp_path / "middle.png")
    describe(model, crop_fraction=0.75)
    predictor = load_predictor(model)
    assert predictor.crop_fraction == 0.75
    assert predictor.predict(tmp_path / "whole.png")["top"] == plain["top"]


def test_finds_pictures_in_folders_and_takes_files_as_they_are(
    picture_folder, tmp_path
):
    note = tmp_path / "note.txt"
    note.write_text("no picture")
    (picture_folder / "notes.txt").write_text("left out")
    files = find_pictures([picture_folder / "blue", note])
    assert len(files) == 13 and files[-1] == note
    assert len(find_pictures([picture_folder])) == 36


def test_finds_the_pictures_that_a_training_finds(picture_folder):
    blue = picture_folder / "blue"
    Image.new("RGB", (8, 8)).save(blue / "phone.HEIC", "HEIF")
    Image.new("RGB", (8, 8)).save(blue / "no_suffix", "JPEG")
    (blue / "film.mp4").write_bytes(b"film")
    (blue / ".hidden").mkdir()
    Image.new("RGB", (8, 8)).save(blue / ".hidden" / "0.png")
    with pytest.warns(UserWarning, match="1 video") as told:
        names = set(from_folder(picture_folder).names)
    os.mkfifo(blue / "pipe.png")
    with pytest.warns(UserWarning, match="1 video") as told:
        files = find_pictures([picture_folder])
    assert "1 special file" in str(told[0].message)
    found = {file.relative_to(picture_folder).as_posix() for file in files}
    assert found == names and len(names) == 38


def test_an_error_of_the_model_is_not_one_of_the_picture(model, tmp_path):
    predictor = load_predictor(model, None, Description(crop="center"))
    (tmp_path / "text.png").write_text("no picture")
    for name in ("text.png", "absent.png"):
        with pytest.raises(PictureError):
            predictor.predict(tmp_path / name)
    Image.new("RGB", (8, 8)).save(tmp_path / "0.png")
    nothing = dataclasses.replace(
        predictor, classify=lambda images: np.full((1, 3), np.nan)
    )
    with pytest.raises(ValueError, match="finite numbers") as caught:
        nothing.predict(tmp_path / "0.png")
    assert caught.type is ValueError


def test_a_huge_picture_is_refused(model, tmp_path):
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    with pytest.raises(ValueError, match="pixels"):
        load_predictor(model).predict(tmp_path / "bomb.png")


@pytest.mark.parametrize("name", ["absent", "folder", "model.txt"])
def test_rejects_what_is_no_model(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "model.txt").write_text("")
    with pytest.raises(ValueError, match=r"must be a run folder.*Received: mo"):
        load_predictor(tmp_path / name)


def test_rejects_no_pictures(tmp_path):
    with pytest.raises(ValueError, match="at least one picture"):
        find_pictures([tmp_path])
    with pytest.raises(ValueError, match="exist"):
        find_pictures([tmp_path / "absent"])
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(ValueError, match="neither a file nor a folder"):
        find_pictures([tmp_path / "pipe.jpg"])


def test_not_sure_by_class_comes_from_the_file_beside(model, picture_folder):
    picture = picture_folder / "blue" / "00.png"
    describe(model)
    plain = load_predictor(model).predict(picture)
    place = load_predictor(model).class_names.index(plain["class"])
    limits = [0.0] * 3
    limits[place] = min(plain["probability"] + 1e-6, 1.0)
    fitted = {"precision": 0.9, "thresholds": limits}
    describe(model, threshold=0.0, class_thresholds=fitted)
    assert not load_predictor(model).predict(picture)["sure"]
    limits[place] = plain["probability"] - 1e-6
    fitted["thresholds"] = [x if x else 1.0 for x in limits]  # others differ
    describe(model, threshold=1.0, class_thresholds=fitted)
    predictor = load_predictor(model)
    assert predictor.predict(picture)["sure"]
    questions = questions_of(
        {"amber": {"warm": "yes"}, "blue": {"warm": "no"}, "coral": {}},
        predictor.class_names,
    )
    assert predictor.ask(picture, questions, pytest.fail)["questions"] == []
