"""Checks that the files and folders that a recipe names exist.

Nothing here loads Keras, so that a mistake is reported at once.
"""

import importlib.resources
from pathlib import Path

from kerasfg.config.names import arguments_named
from kerasfg.data.decisions import check_decisions_file
from kerasfg.data.sources.folder import check_directory
from kerasfg.data.sources.published.catalog import read_published
from kerasfg.data.sources.published.catalog import split_place
from kerasfg.data.sources.published.catalog import with_absolute_folder

AWA2_FILES = ("classes.txt", "predicates.txt", "predicate-matrix-binary.txt")


def check_pictures(data):
    """Checks that the place of a recipe's pictures exists.

    Args:
        data: The `Data` section.

    Raises:
        ValueError: If it names no place, one that does not exist, or a file to
            `leave_out` that does not.
    """
    place = data.path
    if data.leave_out:
        check_decisions_file(data.leave_out)
    if not place:
        raise ValueError(
            "`data` must name the pictures: a folder with one folder of "
            "pictures per class, or a data set. Received: data=''"
        )
    published = split_place(place)
    if data.boxes and not published:
        raise ValueError(
            "Only published data sets have boxes: leave `boxes` out. "
            f"Received: boxes=True, data={place!r}"
        )
    if place == "field_guide" or place.startswith("tfds:"):
        return
    with arguments_named(directory="data"):
        if not published:
            check_directory(place)
        elif not Path(published[1]).is_dir():
            read_published(*published, data.boxes)  # names the download


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
    given = {"data": recipe.data.path, "attributes": recipe.attributes.table}
    absolute = {
        key: with_absolute_folder(value)
        for key, value in given.items()
        if value not in ("", "field_guide")
        and not value.startswith("tfds:")
        and packaged_attributes(value) is None
    }
    if recipe.data.leave_out:
        absolute["leave_out"] = str(Path(recipe.data.leave_out).absolute())
    if recipe.teacher.run:
        absolute["teacher"] = str(Path(recipe.teacher.run).absolute())
    return recipe.with_options(**absolute)
