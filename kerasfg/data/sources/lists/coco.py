"""The annotations of COCO: boxes with categories."""

import math

from kerasfg.data.files.left_out import CROWD
from kerasfg.data.files.left_out import NO_AREA
from kerasfg.data.files.left_out import NO_BOX
from kerasfg.data.files.left_out import NO_LABEL
from kerasfg.data.sources.boxes import Box
from kerasfg.data.sources.lists.entries import Entry


def coco_entries(data):
    """Makes an entry of each annotation of a COCO file.

    The box of an annotation is cut out; without one (camera traps) it is the
    label of the whole picture.

    Args:
        data: The content of the file.

    Returns:
        Tuple of a list of `Entry`, a list of what is left out, and notes.
    """
    images = {image["id"]: image["file_name"] for image in data["images"]}
    names = {c["id"]: str(c["name"]) for c in data["categories"]}
    entries, left_out = [], []
    for annotation in data["annotations"]:
        path = images.get(annotation["image_id"])
        name = names.get(annotation["category_id"])
        if path is None or name is None:
            raise KeyError(
                f"annotation {annotation.get('id')} names an image or a "
                "category that is missing"
            )
        path = str(path)
        box = annotation.get("bbox")
        if annotation.get("iscrowd"):
            left_out.append((path, CROWD))
            continue
        if box:
            x, y, width, height = map(float, box)
            if not (width > 0 and height > 0 and math.isfinite(x + y)):
                left_out.append((path, NO_AREA))
                continue
            box = Box(x, y, x + width, y + height)
        entries.append(Entry(path, name, box or None))
    boxed = any(annotation.get("bbox") for annotation in data["annotations"])
    labelled = {a["image_id"] for a in data["annotations"]}
    left_out += [
        (str(path), NO_BOX if boxed else NO_LABEL)
        for key, path in images.items()
        if key not in labelled
    ]
    return entries, left_out, []
