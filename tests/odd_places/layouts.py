"""Odd layouts of pictures."""

import json
import tarfile
import zipfile
from pathlib import Path

from odd_places.cases import classes
from odd_places.cases import draw
from odd_places.cases import layout


@layout("a folder per class")
def _():
    return classes()


@layout("a class folder with subfolders and pictures")
def _():
    draw("photos/daisy/2024/9.png")
    return classes()


@layout("`train`, `Valid` and `TEST` above the classes")
def _():
    for split in ("train", "Valid", "TEST"):
        classes(f"photos/{split}")
    return "photos"


@layout("`train` with classes, `test` with pictures only")
def _():
    draw("photos/test/1.png")
    return classes("photos/train") and "photos"


@layout("`train` with classes, next to other classes")
def _():
    classes("photos/train")
    return classes()


@layout("`train` and `test` with pictures and no classes")
def _():
    return classes(names=("train", "test"))


@layout("`train/images` and `test/images` with classes")
def _():
    classes("photos/train/images")
    return classes("photos/test/images") and "photos"


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


@layout("a tar file with a link, a pipe and a name that leads out of it")
def _():
    classes("flowers")
    with tarfile.open("photos.tar", "w") as archive:
        for file in sorted(Path("flowers").rglob("*.png")):
            archive.add(file)
        for name, kind in (("a", tarfile.SYMTYPE), ("b", tarfile.FIFOTYPE)):
            member = tarfile.TarInfo(f"flowers/daisy/{name}.png")
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        archive.add(draw("up.png"), "flowers/../../up.png")
    return "photos.tar"


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
