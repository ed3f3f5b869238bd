"""The detections of MegaDetector: boxes around animals, with labels."""

import pathlib

from kerasfg.data.files.left_out import FAILED
from kerasfg.data.files.left_out import NO_BOX
from kerasfg.data.files.left_out import NO_LABEL
from kerasfg.data.sources.boxes import Box
from kerasfg.data.sources.lists.entries import Entry

# Below it MegaDetector's boxes are mostly stones and shadows.
MIN_CONFIDENCE = 0.2


def megadetector_entries(data):
    """Makes an entry of each animal in a MegaDetector file.

    Its label is that of its picture (a key `label` next to `file`); if no
    picture has one, its own first classification; if there are none, the name
    of the folder that the picture is in.

    Args:
        data: The content of the file.

    Returns:
        Tuple of a list of `Entry`, a list of what is left out, and notes.
    """
    animals = animal_categories(data)
    images = data["images"]
    label_of, where = _labels(data, images)
    entries, left_out = [], []
    for image in images:
        path = str(image["file"])
        if image.get("failure"):
            left_out.append((path, FAILED))
            continue
        found = [
            detection
            for detection in image.get("detections") or ()
            if str(detection["category"]) in animals
            and float(detection["conf"]) >= MIN_CONFIDENCE
        ]
        if not found:
            left_out.append((path, NO_BOX))
        for detection in found:
            label = label_of(image, detection)
            x, y, width, height = map(float, detection["bbox"])
            if label is None or not (width > 0 and height > 0):
                left_out.append((path, NO_LABEL if label is None else NO_BOX))
                continue
            box = Box(x, y, x + width, y + height, shares=True)
            entries.append(Entry(path, str(label), box))
    note = (
        f"{where} are the labels of {len(entries)} animals above a confidence "
        f"of {MIN_CONFIDENCE}"
    )
    return entries, left_out, [note]


def animal_categories(data):
    """Returns the keys of the detection categories that are animals."""
    categories = data["detection_categories"]
    return {key for key, name in categories.items() if name == "animal"}


def _labels(data, images):
    """Returns a function to a label, and a description of the labels."""
    if any(image.get("label") for image in images):
        return lambda image, _: image.get("label") or None, "The keys `label`"
    names = data.get("classification_categories") or {}
    if names and any(
        detection.get("classifications")
        for image in images
        for detection in image.get("detections") or ()
    ):
        return lambda _, d: _classified(d, names), "The first classifications"

    def folder(image, _):
        path = pathlib.PurePosixPath(str(image["file"]).replace("\\", "/"))
        return path.parent.name or None

    return folder, "The folders of the pictures"


def _classified(detection, names):
    found = detection.get("classifications")
    return names[str(found[0][0])] if found else None
