"""The tables of docs/pictures.md: each row is made and read here.

`python tests/data/sources/test_odd_places.py docs/pictures.md` writes the
lines again.
"""

import json
import os
import struct
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from PIL import Image

from kerasfg.config import Recipe
from kerasfg.config.names import renamed
from kerasfg.config.pixels import load_pixels
from kerasfg.config.places import check_pictures
from kerasfg.data.sources import zip_file

PAGE = Path(__file__).parents[3] / "docs" / "pictures.md"
FLAGS = {
    option.name: option.flag
    for option in Recipe.options().values()
    if option.flag
}
LAYOUTS, BAD = {}, {}


def layout(text):
    return lambda make: LAYOUTS.setdefault(text, make)


def bad(text):
    return lambda make: BAD.setdefault(text, make)


def draw(*parts, format=None):
    path = Path(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    number = sum(path.as_posix().encode())
    pixels = np.random.default_rng(number).integers(0, 256, (20, 24, 3))
    Image.fromarray(pixels.astype("uint8")).save(path, format)
    return path


def classes(folder="photos", names=("daisy", "iris"), each=3):
    for name in names:
        for i in range(each):
            draw(folder, name, f"{i}.png")
    return folder


def table(*rows, header="path,label", name="list.csv"):
    """Writes a list beside two class folders."""
    classes()
    text = "\n".join(
        [
            header,
            *rows,
            "photos/iris/0.png,iris" + ",,,,"[: header.count(",") - 1],
        ]
    )
    Path(name).write_text(text + "\n")
    return name


BOXES = "path,label,x,y,width,height"

# === Layouts ===


@layout("a folder per class")
def _():
    return classes()


@layout("a class folder with subfolders beside its pictures")
def _():
    draw("photos/daisy/2024/9.png")
    return classes()


@layout("`train`, `Valid` and `TEST` above the classes")
def _():
    for split in ("train", "Valid", "TEST"):
        classes(f"photos/{split}")
    return "photos"


@layout("`train` with classes, `test` with pictures alone")
def _():
    draw("photos/test/1.png")
    return classes("photos/train") and "photos"


@layout("`train` with classes, beside other classes")
def _():
    classes("photos/train")
    return classes()


@layout("`train` and `test` with pictures and no classes")
def _():
    return classes(names=("train", "test"))


@layout("`train` among other classes, with pictures of trains")
def _():
    return classes(names=("bus", "car", "train"))


@layout("`val` and `test` with classes, no `train`")
def _():
    classes("photos/val")
    return classes("photos/test") and "photos"


@layout("genus, then species")
def _():
    classes("photos/Turdus", ("merula", "pilaris"))
    classes("photos/Parus", ("major",))
    return "photos"


@layout("genus, then species, with `--class-level 2`")
def _():
    classes("photos/Turdus", ("merula", "pilaris"))
    classes("photos/Parus", ("major",))
    return {"data": "photos", "class_level": 2}


@layout("class folders, and folders of class folders")
def _():
    classes("photos/more", ("rose",))
    return classes()


@layout("the same class below two folders, with `--class-level 2`")
def _():
    classes("photos/Monday")
    classes("photos/Tuesday")
    return {"data": "photos", "class_level": 2}


@layout("`--data photos/Monday --data photos/Tuesday`")
def _():
    classes("photos/Monday")
    classes("photos/Tuesday", ("iris", "tulip"))
    return ["photos/Monday", "photos/Tuesday"]


@layout("two places, one of them with `train` and `test`")
def _():
    classes("photos/train")
    classes("photos/test")
    return ["photos", classes("more")]


@layout("one folder around all")
def _():
    classes("photos/flowers")
    return "photos"


@layout("a zip file with one folder around all")
def _():
    classes("flowers")
    with zipfile.ZipFile("photos.zip", "w") as archive:
        for file in sorted(Path("flowers").rglob("*.png")):
            archive.write(file)
        archive.writestr("__MACOSX/flowers/daisy/._0.png", b"x")
    return "photos.zip"


@layout("pictures without folders")
def _():
    draw("photos/0.png")
    draw("photos/1.png")
    return "photos"


@layout("one class")
def _():
    return classes(names=("daisy",))


@layout("a list with two boxes in a picture and `;` as Excel writes it")
def _():
    classes()
    Path("list.csv").write_text(
        "\ufeffPath;Label;x;y;width;height\r\n"
        "photos\\daisy\\0.png;daisy;1;1;6;6\r\n"
        "photos\\daisy\\0.png;daisy;9;9;6;6\r\n"
        "photos\\iris\\0.png;iris;;;;\r\n",
        encoding="utf-8",
    )
    return "list.csv"


@layout("COCO, with a crowd and a box without area")
def _():
    classes("images")
    names = ["daisy/0.png", "daisy/1.png", "iris/0.png"]
    boxes = [[1, 1, 6, 6], [1, 1, 0, 6], [1, 1, 9, 9], [2, 2, 9, 9]]
    content = {
        "images": [{"id": i, "file_name": n} for i, n in enumerate(names)],
        "categories": [{"id": 4, "name": "daisy"}, {"id": 7, "name": "iris"}],
        "annotations": [
            {"image_id": i, "category_id": c, "bbox": b, "iscrowd": crowd}
            for i, c, b, crowd in zip(
                (0, 0, 1, 2), (4, 4, 4, 7), boxes, (0, 0, 1, 0), strict=True
            )
        ],
    }
    Path("annotations").mkdir()
    Path("annotations/list.json").write_text(json.dumps(content))
    return "annotations/list.json"


@layout("MegaDetector, without labels")
def _():
    classes()
    box = [0.1, 0.2, 0.5, 0.5]
    content = {
        "detection_categories": {"1": "animal", "2": "person"},
        "images": [
            {
                "file": file.relative_to("photos").as_posix(),
                "detections": [
                    {
                        "category": "1",
                        "conf": conf,
                        "bbox": box,
                    },
                    {"category": "2", "conf": 0.9, "bbox": [0, 0, 1, 1]},
                ],
            }
            for file, conf in zip(
                sorted(Path("photos").rglob("*.png")),
                (0.9, 0.8, 0.1, 0.9, 0.3, 0.9),
                strict=True,
            )
        ],
    }
    Path("photos/detections.json").write_text(json.dumps(content))
    return "photos/detections.json"


# === Bad input ===


@bad("a HEIC, a picture without suffix, videos, a PDF, a raw and an empty file")
def _():
    draw("photos/daisy/phone.HEIC")
    draw("photos/daisy/no_suffix", format="JPEG")
    for name, content in {
        "a.mp4": b"film",
        "b.mov": b"film",
        "c.pdf": b"%PDF-1.7",
        "d.nef": b"MM\0*",
        "e": b"",
        ".f.jpg": b"x",
        "Thumbs.db": b"x",
    }.items():
        Path("photos/daisy", name).write_bytes(content)
    return classes()


@bad("a text, half a JPEG and nothing, all called `.jpg`")
def _():
    whole = draw("photos/daisy/half.jpg").read_bytes()
    Path("photos/daisy/half.jpg").write_bytes(whole[: len(whole) // 2])
    Path("photos/daisy/text.jpg").write_text("text")
    Path("photos/daisy/zero.jpg").touch()
    return classes()


@bad("a picture of 400 million pixels")
def _():
    classes()
    Image.new("1", (20_000, 20_000)).save("photos/daisy/bomb.png")
    return "photos"


@bad("a pipe and a broken link called `.jpg`")
def _():
    classes()
    os.mkfifo("photos/daisy/pipe.jpg")
    Path("photos/daisy/link.jpg").symlink_to("nowhere.jpg")
    return "photos"


@bad("a link from a class folder to the folder above it")
def _():
    classes()
    Path("photos/daisy/up").symlink_to(Path("photos").absolute())
    return "photos"


@bad("an empty folder")
def _():
    Path("photos").mkdir()
    return "photos"


@bad("a class folder with nothing but a video")
def _():
    Path("photos/rose").mkdir(parents=True)
    Path("photos/rose/a.mp4").write_bytes(b"film")
    return classes()


@bad("classes called `Wren` and ` wren`")
def _():
    return classes(names=("Wren", " wren"))


@bad("a class with a line break in its name")
def _():
    return classes(names=("da\nisy", "iris"))


@bad("`splits.csv` with a picture that is not there")
def _():
    classes()
    Path("photos/splits.csv").write_text("path,split\ndaisy/9.png,test\n")
    return "photos"


@bad("a list without the columns")
def _():
    return table(header="file,class")


@bad("a list with a comma in a label")
def _():
    return table("photos/daisy/0.png,daisy, white")


@bad("a list with two labels for a picture, and one that is not there")
def _():
    return table(
        "photos/daisy/0.png,daisy",
        "photos/daisy/0.png,iris",
        "photos/daisy/1.png,daisy",
        "photos/daisy/9.png,daisy",
    )


@bad("a list of pictures that are elsewhere")
def _():
    Path("list.csv").write_text("path,label\n1.png,daisy\n2.png,iris\n")
    return "list.csv"


@bad("a box that is no number")
def _():
    return table("photos/daisy/0.png,daisy,1,1,nan,4", header=BOXES)


@bad("a box outside of its picture")
def _():
    return table(
        "photos/daisy/0.png,daisy,1,1,4,4",
        "photos/daisy/1.png,daisy,90,1,4,4",
        header=BOXES,
    )


@bad("boxes in shares of the picture")
def _():
    return table("photos/daisy/0.png,daisy,.1,.1,.5,.5", header=BOXES)


@bad("a pipe called `list.csv`")
def _():
    os.mkfifo("list.csv")
    return "list.csv"


@bad("a JSON file of something else")
def _():
    Path("list.json").write_text('{"pictures": []}')
    return "list.json"


@bad("JSON that is cut off")
def _():
    Path("list.json").write_text('{"images": [')
    return "list.json"


@bad("a zip file that is cut off")
def _():
    Path("photos.zip").write_bytes(b"PK\3\4" + bytes(40))
    return "photos.zip"


@bad("a zip file with a password")
def _():
    with zipfile.ZipFile("photos.zip", "w") as archive:
        archive.write(draw("0.png"), "daisy/0.png")
    content = bytearray(Path("photos.zip").read_bytes())
    start = content.index(b"PK\1\2")
    struct.pack_into("<H", content, start + 8, 1)
    Path("photos.zip").write_bytes(bytes(content))
    return "photos.zip"


@bad("a zip bomb")
def _():
    with zipfile.ZipFile("photos.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(3):
            archive.writestr(f"daisy/{i}.png", bytes(2_000_000))
    return "photos.zip"


@bad("a file of another kind")
def _():
    Path("photos.rar").write_bytes(b"Rar!")
    return "photos.rar"


# === The lines ===


def line(make, folder):
    """Makes a place in a folder and returns what is said of it."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        given = make()
        options = given if isinstance(given, dict) else {"data": given}
        recipe = Recipe().with_options(image_size=8, **options)
        with (
            warnings.catch_warnings(record=True) as told,
            mock.patch.object(zip_file, "SMALL", 1_000_000),
            mock.patch.dict(os.environ, KERASFG_CACHE=str(folder)),
        ):
            warnings.simplefilter("always", UserWarning)
            try:
                check_pictures(recipe.data)
                found = load_pixels(recipe.data, verbose=False)
                count = f"{len(found)} pictures"
                said = [f"{count} of {len(found.class_names)} classes"]
            except ValueError as error:
                said = [f"Error: {renamed(str(error), FLAGS)}"]
        said = [str(warning.message) for warning in told] + said
    finally:
        os.chdir(before)
    return " ".join(" ".join(said).replace("|", "\\|").split())


def rows(page):
    """Returns the lines of the page's tables by their first column."""
    cells = [
        row.split(" | ", 1) for row in page.splitlines() if row[:2] == "| "
    ]
    return {cell[0][2:]: cell[1][:-2] for cell in cells if len(cell) == 2}


@pytest.mark.parametrize("text", [*LAYOUTS, *BAD])
def test_the_page_says_what_is_said(text, tmp_path):
    make = (LAYOUTS | BAD)[text]
    expected = rows(PAGE.read_text("utf-8"))[text]
    assert line(make, tmp_path) == expected


def test_the_page_has_enough_and_no_others():
    assert len(LAYOUTS) >= 12 and len(BAD) >= 12
    heads = {"what is there", "---", "column", "place"}
    known = set(LAYOUTS) | set(BAD)
    page = PAGE.read_text("utf-8").partition("## Odd layouts")[2]
    assert set(rows(page)) - heads == known


def written(page):
    """Returns the page with the lines of today."""
    before = page.partition("## Odd layouts")[0]
    parts = [before.rstrip("\n")]
    for title, cases in (("Odd layouts", LAYOUTS), ("Bad input", BAD)):
        parts.append(f"\n\n## {title}\n\n| what is there | what is said |")
        parts.append("\n| --- | --- |")
        for text, make in cases.items():
            with tempfile.TemporaryDirectory() as folder:
                parts.append(f"\n| {text} | {line(make, Path(folder))} |")
    return "".join(parts) + "\n"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(written(file.read_text("utf-8")), "utf-8")
