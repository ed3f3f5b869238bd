"""DeepFashion's Category and Attribute Prediction: 289,222 pictures."""

from kerasfg.data.sources.published.archive import Archive
from kerasfg.data.sources.published.listed import listed_source

BODY = {1: "upper body", 2: "lower body", 3: "full body"}

_DOWNLOAD = (
    "the folders Img (with img.zip unpacked), Anno or Anno_coarse, and Eval of "
    "the Category and Attribute Prediction Benchmark from the home page of "
    "DeepFashion at the Multimedia Laboratory of the Chinese University of "
    "Hong Kong"
)
_SPLITS = ("train", "val", "test")


def read_deepfashion(directory, boxes=False, margin=0.0):
    """Reads the pictures of DeepFashion's categories with their split.

    Only the 46 of the 50 categories that have pictures become classes.

    Args:
        directory: Folder with `Img`, `Eval` and `Anno` or `Anno_coarse`.
        boxes: Whether each picture is cropped to the bounding box of the
            clothing. A model trained with `True` must be given cropped
            pictures, too. Defaults to `False`.
        margin: Share of a box's sides that is added on each side. Defaults to
            `0.0`.

    Returns:
        `kerasfg.data.Source`, split into train, val and test.

    Raises:
        ValueError: If a part of the archive is missing.
    """
    archive = _open(directory)
    categories, images = _categories(archive)
    path = _find(archive, "list_eval_partition.txt", "Eval")
    partition = dict(_table(archive, path, (str, str)))
    _check_same(archive, path, partition, images)
    unknown = set(partition.values()) - set(_SPLITS)
    if unknown:
        raise archive.problem(f"{path.name} has the splits {sorted(unknown)}")
    index = {category: label for label, category in enumerate(categories)}
    # The zip file of the pictures may be unpacked in `Img` or next to it.
    folder = "Img" if (archive.root / "Img" / "img").is_dir() else ""
    return listed_source(
        archive,
        [archive.inside(image, folder) for image in images],
        [index[category] for category in images.values()],
        [name for name, _ in categories.values()],
        [partition[image] for image in images],
        _boxes(archive, images) if boxes else None,
        margin,
    )


def read_deepfashion_attributes(directory):
    """Reads the attribute `body` of the classes: upper, lower or full body.

    Args:
        directory: See `read_deepfashion`. The pictures may be missing.

    Returns:
        `kerasfg.AttributeTable`.

    Raises:
        ValueError: If a list is missing, or the lists do not fit together.
    """
    from kerasfg.data.attributes import AttributeTable

    categories, _ = _categories(_open(directory))
    return AttributeTable.from_rows(
        [(name, "body", BODY[kind]) for name, kind in categories.values()]
    )


def _open(directory):
    title = "DeepFashion (Category and Attribute Prediction)"
    return Archive(directory, title, _DOWNLOAD, "DeepFashion")


def _categories(archive):
    """Returns the categories with pictures, and each picture's category."""
    path = _find(archive, "list_category_cloth.txt")
    rows = _table(archive, path, (str, int))
    listed = dict(enumerate(rows, start=1))
    odd = {kind for _, kind in rows} - set(BODY)
    if odd:
        raise archive.problem(f"{path.name} has the types {sorted(odd)}")
    path = _find(archive, "list_category_img.txt")
    images = dict(_table(archive, path, (str, int)))
    used = set(images.values())
    if not used <= set(listed):
        raise archive.problem(
            f"{path.name} has categories beyond the {len(listed)} listed"
        )
    return {key: row for key, row in listed.items() if key in used}, images


def _find(archive, name, *folders):
    folders += ("Anno", "Anno_coarse")
    return archive.find(*(f"{folder}/{name}" for folder in folders))


def _table(archive, path, kinds):
    """Reads a list with the row count in line 1 and a header in line 2."""
    lines = archive.lines(path)
    rows = archive.rows(path, kinds, lines[2:])
    count = lines[0][1] if lines else "nothing"
    if count != str(len(rows)) or len({row[0] for row in rows}) < len(rows):
        raise archive.problem(
            f"the first line of {path.name} must be the number of its rows, "
            f"each entry once; it is {count[:20]!r} for {len(rows)} rows"
        )
    return rows


def _check_same(archive, path, found, images):
    if found.keys() != images.keys():
        raise archive.problem(
            f"{path.name} and list_category_img.txt differ in "
            f"{len(found.keys() ^ images.keys())} pictures"
        )


def _boxes(archive, images):
    path = _find(archive, "list_bbox.txt")
    rows = _table(archive, path, (str, int, int, int, int))
    boxes = {image: box for image, *box in rows}
    _check_same(archive, path, boxes, images)
    return [boxes[image] for image in images]
