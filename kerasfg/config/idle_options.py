"""Options that have no effect together with the others of a recipe."""

from kerasfg.config.effort import wants_teacher


def idle_options(recipe, given):
    """Lists what was given in vain.

    Args:
        recipe: The `Recipe`.
        given: Names of the options that were given.

    Returns:
        List of a sentence for each, with the flags of the command line.

    Example:

    >>> from kerasfg.config.recipe import Recipe
    >>> idle_options(Recipe(), ["margin"])
    ['--margin has no effect without --class-variance.']
    """
    options = recipe.options()
    return [
        f"{options[name].flag} has no effect without {needed}."
        for needed, is_met, names in _NEEDS
        for name in names
        if name in given and not is_met(recipe)
    ]


# What is needed, whether a recipe has it, and by which options.
_NEEDS = (
    (
        "--attributes",
        lambda recipe: recipe.attributes.table,
        (
            "attribute_threshold",
            "attribute_weight",
            "centroid_update",
            "attribute_reduction",
            "split_features",
            "other_classes",
        ),
    ),
    (
        "--class-variance",
        lambda recipe: recipe.pair_terms.weight,
        ("margin", "push", "on"),
    ),
    (
        "--teacher",
        lambda recipe: recipe.teacher.run or wants_teacher(recipe),
        ("teacher_weight", "teacher_temperature"),
    ),
    (
        "--pooling compact_bilinear or hierarchical_bilinear",
        lambda recipe: (
            recipe.model.pooling
            in ("compact_bilinear", "hierarchical_bilinear")
        ),
        ("pooling_dim",),
    ),
    (
        "--pooling compact_bilinear",
        lambda recipe: recipe.model.pooling == "compact_bilinear",
        ("projection",),
    ),
)
