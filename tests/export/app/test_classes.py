"""What an app says of the classes of a model, and its examples."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from kerasfg.export.app import examples as module
from kerasfg.export.app.classes import write_classes
from kerasfg.export.app.phone_app import languages
from kerasfg.export.app.phone_app import phone_app

MANIFEST = {
    "name": "Birds",
    "class_names": ["tit", "wren", "jay"],
    "image_size": 4,
    "crop": "center",
    "crop_fraction": 1.0,
}


class _Brightness:
    """Takes bright pictures for wrens."""

    def predict(self, images):
        wren = images.reshape(len(images), -1).mean(axis=1) / 255
        rest = (1 - wren) / 2
        return np.stack([rest, wren, rest], axis=1)


@pytest.fixture(autouse=True)
def model(monkeypatch):
    monkeypatch.setattr(module, "load", lambda path: _Brightness())


def _grey(*values, size=(600, 300)):
    return [Image.new("RGB", size, (value,) * 3) for value in values]


def _classes(folder):
    text = (folder / "classes.json").read_text("utf-8")
    return json.loads(text)["classes"]


def test_without_anything_the_file_is_there_and_empty(tmp_path):
    write_classes(tmp_path, "model.tflite", MANIFEST)
    assert _classes(tmp_path) == {}
    assert not (tmp_path / "examples").exists()


def test_holds_what_is_known(tmp_path):
    confused = {"tit": ["wren", "crow"], "crow": ["tit"], "jay": 3}
    names = {"tit": {"de": "Meise"}, "crow": {"de": "Krähe"}}
    manifest = {**MANIFEST, "confused_with": confused}
    write_classes(tmp_path, "model.tflite", manifest, names)
    assert _classes(tmp_path) == {
        "tit": {"confused_with": ["wren"], "names": {"de": "Meise"}}
    }


def test_the_example_is_small_and_the_surest_of_its_class(tmp_path):
    pictures = {"tit": _grey(200, 20, 90), "wren": _grey(30, 220)}
    asked = []

    def examples(label):
        asked.append(label)
        return iter(pictures.get(label, ()))

    write_classes(tmp_path, "model.tflite", MANIFEST, examples=examples)
    assert asked == MANIFEST["class_names"]
    shown = _classes(tmp_path)
    assert set(shown) == {"tit", "wren"}
    for label, value in (("tit", 20), ("wren", 220)):
        with Image.open(tmp_path / shown[label]["example"]) as picture:
            assert picture.size == (256, 128)
            pixel = picture.convert("RGB").getpixel((5, 5))
        assert abs(pixel[0] - value) < 4


def test_an_example_keeps_nothing_of_place_and_time(tmp_path):
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "camera of somebody"
    _grey(90)[0].save(file, "jpeg", exif=exif, comment=b"at home")
    picture = Image.open(file)
    write_classes(
        tmp_path, "model.tflite", MANIFEST, examples=lambda label: [picture]
    )
    for path in (tmp_path / "examples").iterdir():
        contents = path.read_bytes()
        assert b"somebody" not in contents and b"home" not in contents


def test_of_many_classes_examples_are_smaller(tmp_path):
    manifest = {**MANIFEST, "class_names": [str(i) for i in range(201)]}
    write_classes(
        tmp_path, "model.tflite", manifest, examples=lambda label: _grey(9)
    )
    with Image.open(tmp_path / "examples" / "200.jpg") as picture:
        assert picture.size == (160, 80)


def test_pictures_of_no_class_are_refused(make_export, tmp_path):
    with pytest.raises(ValueError, match="`examples` must have pictures of"):
        write_classes(
            tmp_path, "model.tflite", MANIFEST, examples=lambda label: []
        )


def test_they_go_into_the_app(make_export, tmp_path, fake_packages):
    out = tmp_path / "app"
    names = {"tit": {"de": "Meise"}}
    phone_app([make_export()], out, examples=lambda _: _grey(9), names=names)
    assert _classes(out / "models" / "birds")["tit"] == {
        "names": {"de": "Meise"},
        "example": "examples/0.jpg",
    }
    listed = json.loads((out / "app.json").read_text("utf-8"))["files"]
    assert "models/birds/examples/1.jpg" in listed
    about = json.loads((out / "about.json").read_text("utf-8"))
    assert about["examples"] is True
    assert about["languages"] == languages()
    assert {"de", "en", "fr"} <= set(languages())


@pytest.mark.parametrize(
    ("names", "match"),
    [
        ({"titt": {"de": "Meise"}}, r"\(is 'tit' meant\?\). Received: class"),
        ({"tit": {"xx": "Meise"}}, "one of the app's texts: de, en, fr"),
    ],
)
def test_names_of_nothing_are_refused(
    make_export, tmp_path, fake_packages, names, match
):
    with pytest.raises(ValueError, match=match):
        phone_app([make_export()], tmp_path / "app", names=names)
    assert not (tmp_path / "app").exists()


def test_classes_that_it_is_confused_with_are_those_of_the_model(tmp_path):
    confused = {"tit": ["wren", [], None, 5, "dodo"], "dodo": ["tit"], "jay": 1}
    manifest = {**MANIFEST, "confused_with": confused}
    write_classes(tmp_path, "model.tflite", manifest)
    assert _classes(tmp_path) == {"tit": {"confused_with": ["wren"]}}
