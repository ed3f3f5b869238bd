"""Names what MegaDetector found: its boxes, in its format."""

from __future__ import annotations

import contextlib
import datetime
import functools
import hashlib
import itertools
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from kerasfg.config.names import arguments_named
from kerasfg.data.files.find import problem_of
from kerasfg.data.files.spelling import spelled_here
from kerasfg.data.pixels.decode import decode_image
from kerasfg.data.pixels.low_resolution import shrink
from kerasfg.data.progress import in_order
from kerasfg.data.sources.boxes import MARGIN
from kerasfg.data.sources.boxes import Box
from kerasfg.data.sources.boxes import cut_box
from kerasfg.data.sources.lists.json_file import folder_of
from kerasfg.data.sources.lists.json_file import read_json
from kerasfg.data.sources.lists.megadetector import MIN_CONFIDENCE
from kerasfg.data.sources.lists.megadetector import animal_categories
from kerasfg.export.inference.open_question import OpenQuestion
from kerasfg.run.description import CROP_QUESTION
from kerasfg.run.many_pictures.classify import Classified
from kerasfg.run.many_pictures.classify import check_out
from kerasfg.run.many_pictures.classify import journalled
from kerasfg.run.many_pictures.classify import settings_of
from kerasfg.run.many_pictures.coco import is_coco
from kerasfg.run.many_pictures.coco import write_coco_boxes

UNKNOWN = "none of these classes"
FORMAT_VERSION = "1.6"
_BATCH = 64  # boxes that the network gets at a time, or a few more
_MOST_BOXES = 1000  # of a picture
_AHEAD = 16  # pictures whose boxes may wait


def read_detections(filepath: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads the results of MegaDetector.

    Args:
        filepath: Its `.json` file.

    Returns:
        The content.

    Raises:
        ValueError: If it is no such file.
    """
    with arguments_named(directory="pictures"):
        content = read_json(Path(filepath))
    try:
        is_right = all(
            isinstance(image["file"], str)
            and isinstance(image.get("detections"), list | None)
            and all(
                len([float(x) for x in detection["bbox"]]) == 4
                and isinstance(detection["category"], str)
                and isinstance(float(detection["conf"]), float)
                for detection in image.get("detections") or ()
            )
            for image in content["images"]
        )
        is_right &= isinstance(content["detection_categories"], dict)
        is_right &= isinstance(content["info"], dict)
        files = [os.path.normpath(image["file"]) for image in content["images"]]
        is_right &= len(files) == len(set(files))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        is_right = False
    if not is_right:
        raise ValueError(
            "A .json file among the pictures must be MegaDetector's results, "
            "with info, detection_categories, and images that have file, each "
            f"another one, and detections. Received: pictures={str(filepath)!r}"
        )
    return content


def classify_detections(
    predictor,
    model,
    filepath: str | os.PathLike[str],
    out: str | os.PathLike[str],
    top: int = 3,
    margin: float = MARGIN,
    progress: bool = True,
) -> Classified:
    """Classifies the animals that MegaDetector found.

    Each box around an animal with a confidence of at least 0.2 is cut out with
    a margin and classified. The result is the same file with `classifications`
    of these detections and `classification_categories`, format 1.6; one that
    is of none of the classes has the category `"none of these classes"`.
    It resumes as `kerasfg.run.many_pictures.classify.classify_pictures` does.

    Args:
        predictor: Result of `kerasfg.run.predictor.load_predictor`.
        model: The file that it was loaded from.
        filepath: MegaDetector's file. Paths in it are relative to its folder,
            or to `images` in it.
        out: `.json` file to write; `.coco.json` for COCO's annotations.
        top: Number of classes to name. Defaults to `3`.
        margin: Share of a box's sides to add on each side. Defaults to `0.1`.
        progress: Whether to show a progress bar. Defaults to `True`.

    Returns:
        `Classified`; a picture that could not be read keeps its detections and
        has `classification_error`, as one with a box outside of it, whose
        other boxes are named.

    Raises:
        ValueError: If a file is not as described, or `out` cannot be written.
    """
    out = check_out(out)
    check_json(out)
    if predictor.crop is None:  # boxes are hardly ever square
        raise OpenQuestion(*CROP_QUESTION)
    content = read_detections(filepath)
    with open(filepath, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    images = content["images"]
    animals = animal_categories(content)
    folder = folder_of(Path(filepath), [image["file"] for image in images])
    read = functools.partial(_read, predictor, animals, folder, margin)

    def rows(journal):
        found = (image for image in images if image["file"] not in journal)
        return _rows(predictor, in_order(read, found, _AHEAD), top)

    write = functools.partial(_write, out, content, predictor, Path(model))
    if is_coco(out):
        write = functools.partial(
            write_coco_boxes, out, images, predictor.class_names, folder
        )
    return journalled(
        out,
        settings_of(
            predictor, model, top=top, margin=margin, detections=digest
        ),
        rows,
        lambda: iter(images),
        write,
        progress,
    )


def check_json(out):
    """Raises `ValueError` unless results can be written in this format."""
    if Path(out).suffix != ".json":
        raise ValueError(
            "What MegaDetector found is named in its own format: give `out` "
            f"the ending .json. Received: out={str(out)!r}"
        )


def _read(predictor, animals, folder, margin, image):
    """Returns the path, the boxes' pixels by place or what is wrong, facts.

    The facts are the picture's size and what is wrong with a box that was left
    out, `{}` where it was not read.
    """
    found = [
        (place, Box(x, y, x + width, y + height, shares=True))
        for place, detection in enumerate(image.get("detections") or ())
        if detection["category"] in animals
        and float(detection["conf"]) >= MIN_CONFIDENCE
        for x, y, width, height in [map(float, detection["bbox"])]
    ]
    if not found:
        return image["file"], {}, {}
    if len(found) > _MOST_BOXES:
        return image["file"], f"more than {_MOST_BOXES} boxes", {}
    file = spelled_here(folder, image["file"]) or image["file"]
    path = os.path.join(folder, file)
    try:
        problem = problem_of(path)
        if problem:
            raise OSError(problem)
        picture = decode_image(path)
    except (OSError, ValueError) as error:
        return image["file"], _text(error), {}
    facts = {"width": picture.width, "height": picture.height}
    pixels = {}
    for place, box in found:
        try:
            cut = cut_box(picture, box, margin)
            pixels[place] = _shrunk(predictor, cut)
        except (ValueError, OverflowError) as error:  # the others are named
            facts["error"] = _text(error)
    return image["file"], pixels, facts


def _text(error):
    text = getattr(error, "strerror", None) or str(error)
    return " ".join(text.split())


def _shrunk(predictor, picture):
    size, crop = predictor.image_size, predictor.crop
    return shrink(picture, size, crop, predictor.crop_fraction)


def _rows(predictor, pictures, top):
    """Yields lists of rows, each of which took about a batch of boxes."""
    with contextlib.closing(pictures):
        while waiting := _batch(pictures):
            boxes = [pixels for _, x, _ in waiting for pixels in _pixels(x)]
            named = iter(_names(predictor, boxes, top))
            yield [
                {"path": path, "error": found}
                if isinstance(found, str)
                else {
                    "path": path,
                    "named": {p: next(named) for p in found},
                    **facts,
                }
                for path, found, facts in waiting
            ]


def _batch(pictures):
    """Takes pictures until they have enough boxes, at most so many."""
    taken, boxes = [], 0
    for picture in itertools.islice(pictures, _BATCH):
        taken.append(picture)
        boxes += len(_pixels(picture[1]))
        if boxes >= _BATCH:
            break
    return taken


def _pixels(found):
    return [] if isinstance(found, str) else list(found.values())


def _names(predictor, boxes, top):
    """Returns pairs of a category and its probability, for each box."""
    if not boxes:
        return []
    probabilities, scores = predictor.classify_images(np.stack(boxes))
    known = [None] * len(boxes) if scores is None else scores.tolist()
    places = {name: str(i) for i, name in enumerate(predictor.class_names)}
    found = []
    for row, familiarity in zip(probabilities, known, strict=True):
        answer = predictor.answer(row, top, familiarity=familiarity)
        if answer.get("known", True):
            found.append([[places[name], p] for name, p in answer["top"]])
        else:
            found.append([[str(len(places)), 1 - familiarity]])
    return found


def _write(out, content, predictor, model, journal):
    by_path = {row["path"]: row for row in journal.read()}
    names = [*predictor.class_names]
    if predictor.classify_with_familiarity is not None:
        names.append(UNKNOWN)
    now = datetime.datetime.now().strftime("%Y-%m-%d %H:%M:%S")
    info = {
        **content["info"],
        "classifier": model.resolve().parent.name,
        "classification_completion_time": now,
        "format_version": FORMAT_VERSION,
    }
    categories = {str(i): name for i, name in enumerate(names)}
    result = {
        **content,
        "info": info,
        "classification_categories": categories,
        "images": [
            _named(x, by_path.get(x["file"])) for x in content["images"]
        ],
    }
    with journal.replacing(out) as path:
        path.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


def _named(image, row):
    """Returns an image of MegaDetector's with its detections named."""
    detections = image.get("detections")
    if detections is None:
        return image
    named = (row or {}).get("named", {})
    if row is not None and "error" in row:
        image = {**image, "classification_error": row["error"]}
    return {
        **image,
        "detections": [
            _with(detection, named.get(str(place)))
            for place, detection in enumerate(detections)
        ],
    }


def _with(detection, found):
    # What another classifier said of it would be of other categories.
    kept = {k: v for k, v in detection.items() if k != "classifications"}
    kept["conf"] = float(detection["conf"])  # the format allows no integer
    if found is not None:
        kept["classifications"] = [[c, round(p, 5)] for c, p in found]
    return kept
