"""Pictures that a trained run knows, and another training holds out."""

from kerasfg.data.sources.several import prefixes
from kerasfg.data.splits import trained_on


def known_pictures(run, recipe, names, splits):
    """Finds what a run was trained on that a recipe validates or tests on.

    Pictures are compared by their names. Those of several places have the
    place in front, which does not count where only one of the two has several.

    Args:
        run: The `RunFolder`, which has a `splits.csv`.
        recipe: The `Recipe` of the other training.
        names: Names of its pictures.
        splits: Their splits.

    Returns:
        Sorted list of names.
    """
    place = None
    if run.recipe.is_file():
        place = _place(run.read_recipe().data.places, recipe.data.places)
    return trained_on(run.splits, names, splits, place)


def _place(*both):
    """Returns the first part of names that does not count; see `trained_on`."""
    one, several = sorted(both, key=len)
    if len(one) != 1 or len(several) == 1:
        return None
    # A place that has moved is not found: then it may be any.
    parts = dict(zip(several, prefixes(several), strict=True))
    return parts.get(one[0], "")
