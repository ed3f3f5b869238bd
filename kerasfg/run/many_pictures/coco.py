"""Writes results as COCO's annotations."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasfg.data.files.spelling import spelled_here

SUFFIX = ".coco.json"


def is_coco(out: str | os.PathLike[str]) -> bool:
    """Returns whether results at a path are to be COCO's.

    Example:

    >>> is_coco("results.coco.json"), is_coco("results.json")
    (True, False)
    """
    return os.fspath(out).lower().endswith(SUFFIX)


def write_coco(
    path: Path,
    read: Callable[[], Iterable[Mapping[str, Any]]],
    class_names: Sequence[str],
    folder: str | os.PathLike[str],
) -> None:
    """Writes rows in the format of COCO, one after the other.

    An annotation without a box labels its whole picture, as in COCO Camera
    Traps. A picture that is of none of the classes, or that could not be read,
    has none.

    Args:
        path: Path of the file.
        read: Function that returns an iterable over all rows, as of
            `kerasfg.run.many_pictures.rows.row_of`; those with `boxes` have an
            annotation for each of these, a dictionary with `bbox`, in pixels,
            `class`, `score` and what else it should have.
        class_names: Names of the classes; the first has the id 1.
        folder: Folder to which the names of the files are relative.

    Raises:
        OSError: If it cannot be written.
    """
    ids = {name: place for place, name in enumerate(class_names, start=1)}
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"info": {"description": "classified by kerasfg"}')
        categories = [{"id": key, "name": name} for name, key in ids.items()]
        _write_list(file, "categories", categories)
        _write_list(file, "images", _images(read(), folder))
        _write_list(file, "annotations", _annotations(read(), ids))
        file.write("\n}\n")


def write_coco_boxes(out, images, class_names, folder, journal):
    """Writes the boxes that MegaDetector found, and were named, as COCO's.

    Args:
        out: Path of the file.
        images: MegaDetector's images.
        class_names: Names of the classes.
        folder: Folder to which the names of MegaDetector's files are relative.
        journal: `Journal` of rows with `named`, the names of boxes by their
            place, and `width` and `height`.

    Raises:
        ValueError: If a file of the user is at `out`.
        WriteError: If it cannot be written.
    """
    rows = {row["path"]: row for row in journal.read()}

    def read():
        for image in images:
            row = rows.get(image["file"], {})
            file = spelled_here(folder, image["file"]) or image["file"]
            path = os.path.join(folder, file)
            boxes = list(_boxes(image, row, class_names))
            yield row | {"path": path, "boxes": boxes}

    with journal.replacing(out) as path:
        write_coco(path, read, class_names, out.parent)


def _boxes(image, row, class_names):
    """Yields the boxes that are of a class."""
    for place, named in row.get("named", {}).items():
        category, probability = named[0]
        if int(category) >= len(class_names):  # none of the classes
            continue
        detection = image["detections"][int(place)]
        x, y, width, height = map(float, detection["bbox"])
        across, down = row["width"], row["height"]
        yield {
            "bbox": [x * across, y * down, width * across, height * down],
            "class": class_names[int(category)],
            "score": probability,
            "detection_score": float(detection["conf"]),
        }


def place_of(path: str, folder: str | os.PathLike[str]) -> str:
    """Returns a path relative to a folder, with slashes; an address as it is.

    Example:

    >>> place_of("survey/a/1.jpg", "survey"), place_of("s3://a/1.jpg", "b")
    ('a/1.jpg', 's3://a/1.jpg')
    """
    if "://" in path:
        return path
    place = os.path.relpath(os.path.abspath(path), os.path.abspath(folder))
    return place.replace(os.sep, "/")


def _write_list(file, name, values):
    separator = f',\n"{name}": ['
    empty = separator
    for value in values:
        file.write(f"{separator}\n{json.dumps(value)}")
        separator = ","
    file.write(f"{separator}]" if separator is empty else "\n]")


def _images(rows, folder):
    names = {
        "width": "width",
        "height": "height",
        "time": "datetime",
        "camera": "camera",
        "burst": "seq_id",
        "burst_pictures": "seq_num_frames",
        "error": "error",
    }
    for number, row in enumerate(rows, start=1):
        place = place_of(row["path"], folder)
        image = {"id": number, "file_name": place}
        yield image | {names[name]: row[name] for name in names if name in row}


def _annotations(rows, ids):
    number = 0
    for image, row in enumerate(rows, start=1):
        for found in row["boxes"] if "boxes" in row else _whole(row):
            number += 1
            annotation = {
                "id": number,
                "image_id": image,
                "category_id": ids[found["class"]],
            }
            if "bbox" in found:
                _, _, width, height = found["bbox"]
                annotation |= {"area": width * height, "iscrowd": 0}
            more = {k: v for k, v in found.items() if k != "class"}
            yield annotation | more


def _whole(row):
    if "error" in row or not row.get("known", True):
        return []
    more = {k: row[k] for k in ("sure", "burst_class") if k in row}
    return [{"class": row["class"], "score": row["probability"], **more}]
