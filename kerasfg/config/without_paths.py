"""A recipe without the paths of this computer, to be shared."""

from pathlib import Path

from kerasfg.config.effort import OWN_TEACHER
from kerasfg.hub.address import hub_address

_PLACES = (
    ("data", "path"),
    ("data", "leave_out"),
    ("attributes", "table"),
    ("model", "weights"),
    ("teacher", "run"),
)


def without_paths(recipe):
    """Returns the values of a recipe with only the last part of each path.

    Addresses on the Hub stay whole.

    Args:
        recipe: A `Recipe`.

    Returns:
        Dictionary for `Recipe.from_values`.

    Example:

    >>> from kerasfg.config.recipe import Recipe
    >>> recipe = Recipe().with_options(data="/home/ann/birds")
    >>> without_paths(recipe)["data"]["path"]
    'birds'
    """
    values = recipe.model_dump(mode="json")
    for section, key in _PLACES:
        value = values[section][key]
        if isinstance(value, str):
            values[section][key] = _last(value)
        elif value is not None:
            values[section][key] = [_last(place) for place in value]
    return values


def _last(place):
    if place == OWN_TEACHER or _is_on_hub(place):
        return place
    return Path(place).name


def _is_on_hub(place):
    try:
        return hub_address(place) is not None
    except ValueError:  # such as a folder in this form
        return False
