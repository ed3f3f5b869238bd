"""The attributes that a recipe names, for the classes of its pictures."""

import contextlib
import importlib.resources
import warnings
from pathlib import Path

from kerasfg.data.attributes import AttributeTable
from kerasfg.data.sources.published.catalog import read_published_attributes
from kerasfg.data.sources.published.catalog import split_place

# What a table says of its arguments, said of the options.
OPTIONS = {
    "pass allow_others=True": "add --other-classes, or in a recipe's section "
    "[attributes] `other_classes = true`",
    "pass the threshold": "give by --attribute-threshold, or in a recipe by "
    "`attribute_threshold`, the number",
}


def load_attributes(recipe, class_names):
    """Reads the attributes that a recipe names, for the classes of the data.

    An attribute that is the same for all classes tells nothing about them and
    is left out, with a warning if the recipe names it.

    Args:
        recipe: A `Recipe`.
        class_names: Names of the classes in the order of their labels.

    Returns:
        An `AttributeTable` with these classes in this order; `None` if the
        recipe has no table.

    Raises:
        ValueError: If there is no such table, it does not fit the classes, or
            no attribute tells them apart.
    """
    settings = recipe.attributes
    if not settings.attributes:
        return None
    with _in_words_of_a_recipe():
        table = _read_table(settings.attributes, settings.attribute_threshold)
        if settings.attribute:
            table = table.select(settings.attribute)
        others = settings.other_classes or recipe.data.classes > 0
        table = table.for_classes(class_names, others)
    dividing = table.dividing()
    idle = [name for name in table.attributes if name not in dividing]
    same = f"the same for all {len(class_names)} classes, or unknown"
    if not dividing:
        raise ValueError(
            "An attribute must differ between two classes of the data. "
            f"Received: attributes={settings.attributes!r}, with "
            f"{_listed(idle)} {same}"
        )
    if settings.attribute and idle:
        warnings.warn(f"Left out {_listed(idle)}: {same}.", stacklevel=1)
    return table.select(dividing)


def _read_table(attributes, threshold):
    if attributes == "field_guide":
        from kerasfg.data.field_guide.field_guide import field_guide_attributes

        return AttributeTable.from_rows(field_guide_attributes())
    ours = packaged_attributes(attributes)
    if ours is not None:
        return AttributeTable.from_csv(ours)
    published = split_place(attributes)
    if published:
        return read_published_attributes(*published, threshold)
    folder = Path(attributes).is_dir()
    try:
        if folder:
            return AttributeTable.from_awa2(attributes)
        return AttributeTable.from_csv(attributes, threshold)
    except FileNotFoundError:
        why = "a folder that lacks one" if folder else "which is missing"
        raise ValueError(
            "The table of attributes must be a CSV file, a folder with the "
            "classes.txt, predicates.txt and predicate-matrix-binary.txt of "
            "Animals with Attributes 2, 'field_guide', or 'NAME:DIR' for a "
            "published data set. "
            f"Received: attributes={attributes!r}, {why}"
        ) from None


def packaged_attributes(name):
    """Returns the table of that name that comes with the package, or `None`.

    Args:
        name: Such as `"flowers17_form"`.
    """
    folder = importlib.resources.files("kerasfg.recipes") / "attributes"
    tables = {Path(file.name).stem: file for file in folder.iterdir()}
    return tables.get(name)


@contextlib.contextmanager
def _in_words_of_a_recipe():
    """Says of the options what a table's errors say of its arguments."""
    try:
        yield
    except ValueError as error:
        message = str(error)
        for argument, option in OPTIONS.items():
            message = message.replace(argument, option)
        raise ValueError(message) from None


def _listed(names, limit=5):
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(repr(name) for name in names[:limit]) + more
