"""The attributes that a recipe names, for the classes of its pictures."""

import warnings
from pathlib import Path

from kerasfg.config.names import arguments_named
from kerasfg.config.places import check_attribute_table
from kerasfg.config.places import packaged_attributes
from kerasfg.data.attributes import AttributeTable
from kerasfg.data.sources.published.catalog import read_published_attributes
from kerasfg.data.sources.published.catalog import split_place

# Names of a table's arguments, and of the options that are given to them.
_OPTIONS = {
    "allow_others": "other_classes",
    "filepath": "attributes",
    "directory": "attributes",
    "threshold": "attribute_threshold",
}


def load_attributes(recipe, class_names):
    """Reads the attributes that a recipe names, for the classes of the data.

    An attribute that is the same for all classes does not divide them and
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
    if not settings.table:
        return None
    check_attribute_table(settings)
    with arguments_named(**_OPTIONS):
        table = _read_table(settings.table, settings.threshold)
        if settings.names:
            table = table.select(settings.names)
        others = settings.other_classes or recipe.data.classes > 0
        table = table.for_classes(class_names, others)
    dividing = table.dividing()
    idle = [name for name in table.attributes if name not in dividing]
    same = f"the same for all {len(class_names)} classes, or unknown"
    if not dividing:
        raise ValueError(
            "An attribute must differ between two classes of the data. "
            f"Received: attributes={settings.table!r}, with "
            f"{_listed(idle)} {same}"
        )
    if settings.names and idle:
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
    if Path(attributes).is_dir():
        return AttributeTable.from_awa2(attributes)
    return AttributeTable.from_csv(attributes, threshold)


def _listed(names, limit=5):
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(repr(name) for name in names[:limit]) + more
