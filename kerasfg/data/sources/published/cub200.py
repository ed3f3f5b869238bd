"""Caltech-UCSD Birds-200-2011: 200 birds, 312 attributes, 11,788 pictures."""

from kerasfg.data.sources.published.archive import Archive
from kerasfg.data.sources.published.listed import listed_source

THRESHOLD = 50  # percent

_DOWNLOAD = (
    "CUB_200_2011.tgz from the home page of Caltech-UCSD Birds-200-2011 at "
    "the California Institute of Technology"
)


def read_cub200(directory, boxes=False, margin=0.0):
    """Reads the pictures of Caltech-UCSD Birds-200-2011 with its split.

    Class names have no number: `Black_footed_Albatross`. The set is also in
    TensorFlow Datasets, as `caltech_birds2011`.

    Args:
        directory: Folder with `images.txt` and the other files, or with the
            folder `CUB_200_2011` that holds them.
        boxes: Whether each picture is cropped to the bounding box of the bird.
            A model trained with `True` must be given cropped pictures, too.
            Defaults to `False`.
        margin: Share of a box's sides that is added on each side. Defaults to
            `0.0`.

    Returns:
        `kerasfg.data.Source`, split into train and test.

    Raises:
        ValueError: If a part of the archive is missing.
    """
    archive = _open(directory)
    class_names = _class_names(archive)
    images = archive.by_id(archive.find("images.txt"), (str,))
    labels = archive.by_id(archive.find("image_class_labels.txt"), (int,))
    train = archive.by_id(archive.find("train_test_split.txt"), (int,))
    archive.check_counts(images=len(images), labels=len(labels))
    archive.check_counts(images=len(images), splits=len(train))
    names = [archive.inside(image, "images") for (image,) in images]
    return listed_source(
        archive,
        names,
        [label - 1 for (label,) in labels],
        class_names,
        ["train" if is_train else "test" for (is_train,) in train],
        _boxes(archive, len(names)) if boxes else None,
        margin,
    )


def read_cub200_attributes(directory, threshold=None):
    """Reads the 312 attributes of the classes.

    The files contain, for each class and attribute, the percentage of
    annotators who answered yes.

    Args:
        directory: See `read_cub200`. The pictures may be missing.
        threshold: Percentage at or above which an attribute means yes.
            Defaults to `None`, which is 50.

    Returns:
        `kerasfg.AttributeTable` with names like `has_tail_shape::forked_tail`.

    Raises:
        ValueError: If a list is missing, or the lists do not fit together.
    """
    from kerasfg.data.attribute_values import NO_YES
    from kerasfg.data.attributes import AttributeTable

    archive = _open(directory)
    class_names = _class_names(archive)
    # The published archive has this file next to the folder of the others.
    path = archive.find(
        "attributes/attributes.txt", "attributes.txt", "../attributes.txt"
    )
    attributes = [name for (name,) in archive.by_id(path, (str,))]
    path = archive.find("attributes/class_attribute_labels_continuous.txt")
    percentages = archive.rows(path, (float,) * len(attributes))
    archive.check_counts(classes=len(class_names), rows=len(percentages))
    limit = THRESHOLD if threshold is None else threshold
    return AttributeTable(
        class_names,
        attributes,
        [[int(value >= limit) for value in row] for row in percentages],
        [NO_YES] * len(attributes),
    )


def _open(directory):
    return Archive(
        directory, "Caltech-UCSD Birds-200-2011", _DOWNLOAD, "CUB_200_2011"
    )


def _class_names(archive):
    rows = archive.by_id(archive.find("classes.txt"), (str,))
    return [name.partition(".")[2] or name for (name,) in rows]


def _boxes(archive, pictures):
    path = archive.find("bounding_boxes.txt")
    rows = archive.by_id(path, (float,) * 4)
    archive.check_counts(images=pictures, boxes=len(rows))
    return [(x, y, x + width, y + height) for x, y, width, height in rows]
