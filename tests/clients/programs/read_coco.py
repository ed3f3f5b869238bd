"""Prints what pycocotools reads of a file, as JSON: names, boxes, scores."""

import contextlib
import io
import json
import sys

from pycocotools.coco import COCO

for file in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(file)
    found = []
    for image in coco.loadImgs(sorted(coco.getImgIds())):
        for annotation in coco.loadAnns(coco.getAnnIds(image["id"])):
            (category,) = coco.loadCats(annotation["category_id"])
            box = annotation.get("bbox")
            found.append([image["file_name"], category["name"], box])
    print(json.dumps(found))
