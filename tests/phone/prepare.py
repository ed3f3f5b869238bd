"""Makes what the browser tests need: models, apps, a film, answers.

    python tests/phone/prepare.py FOLDER
    python tests/phone/prepare.py FOLDER --export run/export --pictures photos

The first uses pictures of the field guide and a small model of them, the second
your own pictures (one folder per class) and your own model.
"""

import argparse
import base64
import json
import os
import re
import shutil
import struct
import time
from pathlib import Path

import numpy as np
from film import HEIGHT
from film import to_square
from film import write_film
from network import export_network
from odd_models import MIDDLE
from odd_models import SIZE
from odd_models import write_odd_models
from PIL import Image
from PIL import ImageFilter
from PIL import PngImagePlugin
from unsure import write_unsure

from kerasfg.data.field_guide.field_guide import field_guide
from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.data.sources.folder import from_folder
from kerasfg.export import load
from kerasfg.export import read_manifest
from kerasfg.export.app.phone_app import phone_app
from kerasfg.manifest import write_manifest

REAL = Path(os.environ.get("KERASFG_DATA", "absent")) / "flowers17"
COUNT = 100
ROOT = Path(__file__).parents[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--export", type=Path)
    parser.add_argument("--pictures", type=Path)
    given = parser.parse_args()
    folder = given.folder
    folder.mkdir(parents=True)
    export = folder / "export"
    if given.export:
        shutil.copytree(given.export, export)
    else:
        export_network(export)
    source = from_folder(given.pictures) if given.pictures else field_guide(20)
    write_odd_models(folder / "odd")
    write_unsure(folder)
    phone_app([export], folder / "app")
    phone_app([export], folder / "app_onnx", engine="onnxruntime")
    phone_app(
        [folder / "odd" / name for name in ("two", "many")] + [export],
        folder / "app_newer",
        variant="float32",
    )
    write_own(folder, export, source)
    write_answers(folder / "answers.json", export, source)
    write_picture(folder, export, source)
    write_crops(folder, source)
    write_large(folder, source, size=read_manifest(export)["image_size"])
    write_library(folder, export)
    film(folder, export, source)


def write_own(folder, export, source):
    """An app with a title, a colour, examples and German names of its own."""
    manifest = read_manifest(export)
    labels = manifest["class_names"]
    other = folder / "own_export"
    shutil.copytree(export, other)
    write_manifest(
        {**manifest, "confused_with": {labels[0]: labels[1:3]}}, other
    )
    rows = {
        label: [row for row in range(len(source)) if source.labels[row] == i]
        for i, label in enumerate(source.class_names)
    }
    phone_app(
        [other],
        folder / "app_own",
        title="Näturalist’s <guide>",
        accent="#2a6",
        examples=lambda label: [source.read(x) for x in rows[label][:2]],
        names={labels[0]: {"de": "Schlammspecht"}},
    )
    attributes = (manifest["class_attributes"] or {}).get(labels[0], {})
    found = labels[-1].replace("_", " ")
    _write(
        folder / "own.json",
        {
            "title": "Näturalist’s <guide>",
            "accent": "#19804d",
            "labels": labels,
            "attributes": [k for k, v in attributes.items() if v != "no"],
            "search": found.upper(),
            "found": found[:1].upper() + found[1:],
            "german": "Schlammspecht",
        },
    )


def write_answers(filepath, export, source):
    """Probabilities in Python for 100 pictures, of each file."""
    size = read_manifest(export)["image_size"]
    sets = {"own": _some(source, COUNT)}
    if REAL.is_dir():
        sets["real"] = _some(from_folder(REAL), COUNT)
    images = np.concatenate(
        [[shrink(picture, size) for picture in sets[name]] for name in sets]
    )
    answers = {}
    for name in sorted(read_manifest(export)["files"]):
        classifier = load(export / name)
        if classifier.image_size != size:
            continue
        probabilities = classifier.predict(images)
        started = time.perf_counter()
        classifier.predict(images)
        answers[name] = {
            "probabilities": probabilities.tolist(),
            "milliseconds": 1e3 * (time.perf_counter() - started) / len(images),
        }
    _write(
        filepath,
        {
            "size": size,
            "sets": {name: len(sets[name]) for name in sets},
            "images": _base64(images),
            "answers": answers,
        },
    )


def write_picture(folder, export, source):
    """A picture, and how long Python takes to load a model and classify it."""
    picture = source.read(0)
    picture.save(folder / "picture.png")
    # No network is sure about this one.
    picture.filter(ImageFilter.GaussianBlur(picture.width / 8)).save(
        folder / "blurred.png"
    )
    file = _models_of(folder / "app")[0]["file"]
    started = time.perf_counter()
    classifier = load(export / file)
    classifier.predict(shrink(picture, classifier.image_size)[None])
    milliseconds = 1e3 * (time.perf_counter() - started)
    _write(folder / "picture.json", {"milliseconds": milliseconds})


def write_crops(folder, source):
    """A wide picture, and its pixels for two models according to Python."""
    picture = source.read(0).resize((301, 210))
    picture.save(folder / "wide.png")
    pixels = {
        name: _base64(shrink(picture, SIZE, crop_fraction=fraction))
        for name, fraction in (("good", 1), ("middle", MIDDLE))
    }
    _write(folder / "crops.json", {"fraction": MIDDLE, "pixels": pixels})


def write_large(folder, source, size):
    """A picture of 48 million pixels, and its pixels according to Python."""
    picture = source.read(0).resize((8064, 6048), Image.Resampling.NEAREST)
    picture.save(folder / "large.png", compress_level=1)
    _write(folder / "large.json", {"pixels": _base64(shrink(picture, size))})


def write_library(folder, export):
    """The guide's page, and what its picture is according to Python."""
    manifest = read_manifest(export)
    (entry,) = (
        entry
        for entry in _models_of(folder / "app_newer")
        if entry["name"] == manifest["name"]
    )
    classifier = load(export / entry["file"])
    with Image.open(folder / "wide.png") as picture:
        pixels = shrink(picture, manifest["image_size"])
        picture.save(folder / "profile.png", pnginfo=_linear_light())
    (raw,) = classifier.predict(pixels[None])
    powers = raw.astype("float64") ** (1 / manifest["temperature"])
    probabilities = powers / powers.sum()
    names = manifest["class_names"]
    order = np.argsort(-probabilities, kind="stable")
    guide = (ROOT / "docs" / "in_your_app" / "web.md").read_text("utf-8")
    (page,) = re.findall(r"^```html\n(.*?)^```", guide, re.S | re.M)
    (camera,) = (
        block
        for block in re.findall(r"^```js\n(.*?)^```", guide, re.S | re.M)
        if "getUserMedia" in block
    )
    _write(
        folder / "library.json",
        {
            "page": page.replace("photo.jpg", "photo.png"),
            "camera": camera,
            "folder": entry["folder"],
            "file": entry["file"],
            "frameSize": manifest["frame_size"],
            "labels": names,
            "answers": [
                {"label": names[i], "probability": probabilities[i]}
                for i in order
            ],
            "label": names[order[0]],
        },
    )


def _linear_light():
    """A colour profile that a browser would apply: sRGB's colours, gamma 1."""
    profile = PngImagePlugin.PngInfo()
    corners = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
    profile.add(b"gAMA", struct.pack(">I", 100_000))
    profile.add(b"cHRM", struct.pack(">8I", *corners))
    return profile


def film(folder, export, source, per_class=2):
    """Films some pictures of each class."""
    manifest = read_manifest(export)
    size, names = manifest["image_size"], manifest["class_names"]
    pictures = [to_square(x) for x in _some(source, per_class * len(names))]
    write_film(folder / "film.y4m", pictures)
    images = np.stack([shrink(picture, size) for picture in pictures])
    file = _models_of(folder / "app")[0]["file"]
    probabilities = load(export / file).predict(images)
    _write(
        folder / "film.json",
        {
            "file": file,
            "size": size,
            "height": HEIGHT,
            "images": [_base64(image) for image in images],
            "answers": [names[i] for i in probabilities.argmax(axis=1)],
        },
    )


def _models_of(app):
    """Lists the models of an app."""
    return json.loads((app / "models" / "models.json").read_text("utf-8"))


def _some(source, count):
    """Pictures of all classes, spread over the source."""
    order = np.argsort(source.labels, kind="stable")
    rows = order[np.linspace(0, len(order) - 1, count).round().astype(int)]
    return [source.read(int(row)) for row in rows]


def _base64(array):
    return base64.b64encode(array.tobytes()).decode("ascii")


def _write(filepath, value):
    filepath.write_text(json.dumps(value), "utf-8")


if __name__ == "__main__":
    main()
