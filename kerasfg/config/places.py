"""Checks that the files and folders that a recipe names exist.

Nothing here loads Keras, so that a mistake is reported at once.
"""

import importlib.resources
import os
from pathlib import Path

from kerasfg.config.effort import OWN_TEACHER
from kerasfg.config.names import arguments_named
from kerasfg.data.decisions import check_decisions_file
from kerasfg.data.sources.place import check_places
from kerasfg.data.sources.published.catalog import read_published
from kerasfg.data.sources.published.catalog import split_place
from kerasfg.data.sources.published.catalog import with_absolute_folder

AWA2_FILES = ("classes.txt", "predicates.txt", "predicate-matrix-binary.txt")


def check_pictures(data):
    """Checks the place of a recipe's pictures, and its classes.

    Args:
        data: The `Data` section.

    Raises:
        ValueError: If it names no place, one that does not exist, or one whose
            classes are not clear, or a file to `leave_out` that does not exist.
    """
    check_place_names(data)
    if data.leave_out:
        check_decisions_file(data.leave_out)
    files = [place for place in data.places if is_of_files(place)]
    with arguments_named(directory="data"):
        for place in data.places:
            published = split_place(place)
            if published and not Path(published[1]).is_dir():
                read_published(*published, data.boxes)  # names the download
        if len(files) == len(data.places):
            check_places(files, data.class_level)


def check_place_names(data):
    """Checks the options for pictures, without looking for the files.

    Args:
        data: The `Data` section.

    Raises:
        ValueError: If it names no place, or options that do not fit.
    """
    if not data.path or not all(data.places):
        raise ValueError(
            "`data` must name the pictures: a folder with one folder of "
            "pictures per class, or a data set. "
            f"Received: data={data.path!r}"
        )
    real = [
        os.path.realpath(place) if os.path.exists(place) else place
        for place in data.places
    ]
    twice = [
        place
        for place, path in zip(data.places, real, strict=True)
        if real.count(path) > 1
    ]
    if twice:
        raise ValueError(
            "`data` must name each place once. "
            f"Received: data={' and '.join(map(repr, dict.fromkeys(twice)))}"
        )
    if data.boxes and not all(map(split_place, data.places)):
        raise ValueError(
            "Only published data sets have boxes: leave `boxes` out. "
            f"Received: boxes=True, data={data.path!r}"
        )


def is_of_files(place):
    """Returns whether a place is read by `kerasfg.data.sources.place`."""
    return not (
        place == "field_guide"
        or place.startswith("tfds:")
        or split_place(place)
    )


def check_attribute_table(settings):
    """Checks that the attribute table of a recipe exists.

    Args:
        settings: The `Attributes` section. Without a table there is nothing to
            check.

    Raises:
        ValueError: If it does not exist.
    """
    table = settings.table
    if table in ("", "field_guide") or packaged_attributes(table) is not None:
        return
    place = Path((split_place(table) or ("", table))[1])
    if not place.exists():
        why = "which is missing"
    elif split_place(table) or not place.is_dir():
        return
    else:
        absent = [f for f in AWA2_FILES if not (place / f).is_file()]
        why = f"a folder without {' and '.join(absent)}" if absent else ""
    if why:
        raise ValueError(
            "`attributes` must be a CSV file, a folder with the "
            f"{', '.join(AWA2_FILES)} of Animals with Attributes 2, "
            "'field_guide', or 'NAME:DIR' for a published data set. "
            f"Received: attributes={table!r}, {why}"
        )


def packaged_attributes(name):
    """Returns the attribute table of that name in the package, or `None`.

    Args:
        name: Such as `"flowers17_form"`.
    """
    folder = importlib.resources.files("kerasfg.recipes") / "attributes"
    tables = {Path(file.name).stem: file for file in folder.iterdir()}
    return tables.get(name)


def with_absolute_paths(recipe):
    """Returns a recipe whose paths are absolute.

    Args:
        recipe: A `Recipe`.
    """
    absolute = {}
    if recipe.data.path:
        absolute["data"] = [_absolute(place) for place in recipe.data.places]
    table = recipe.attributes.table
    if table and packaged_attributes(table) is None:
        absolute["attributes"] = _absolute(table)
    if recipe.data.leave_out:
        absolute["leave_out"] = str(Path(recipe.data.leave_out).absolute())
    weights = recipe.model.weights
    kept = ("imagenet", "none", "teacher")
    if weights and weights not in kept and "://" not in weights:
        absolute["weights"] = str(Path(weights).absolute())
    teacher = recipe.teacher.run
    if teacher not in ("", OWN_TEACHER) and "://" not in teacher:
        absolute["teacher"] = str(Path(teacher).absolute())
    return recipe.with_options(**absolute)


def _absolute(place):
    if place in ("", "field_guide") or place.startswith("tfds:"):
        return place
    return with_absolute_folder(place)
