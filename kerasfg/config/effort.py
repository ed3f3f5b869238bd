"""What an effort sets: values of the options that a recipe leaves open.

An option that a recipe or the command line gives keeps its value. This module
imports nothing of the sections, whose descriptions it is used by.
"""

# What `kerasfg train` takes without a recipe, if no option names one. A recipe
# file without one means `quick`.
DEFAULT = "standard"

# At 32 pixels it takes about as long as an output stride of 8, the way of
# `quick`; the filters see details of the size that they were made for.
_ENLARGED = {"upsample_to": 128, "output_stride": 32}

# A training of fewer steps is short, and what its momentum of batch
# normalization then is at most; see `kerasfg.training.setup.batch_norm`.
SHORT, SHORT_MOMENTUM = 250, 0.9
_FOLLOWS = {"batch_norm": "auto"}

# What each sets. `quick` is the defaults of all options.
EFFORTS = {
    "quick": {},
    "standard": {"views": 16, "epochs": 30, **_FOLLOWS, **_ENLARGED},
    "best": {"views": 16, "epochs": 60, **_FOLLOWS, **_ENLARGED},
}

# What `best` sets in addition, where there is a teacher.
STUDENT = {
    "label_smoothing": 0.0,
    "teacher_weight": 0.9,
    "teacher_temperature": 2.0,
}

# The teacher that `best` trains: the recipe with these options. It has at most
# `image_size` pixels, a multiple of `STEP` that the pictures have.
TEACHER = {
    "image_size": 224,
    "upsample_to": 0,
    "output_stride": 32,
    "epochs": 12,
    **_FOLLOWS,
    "label_smoothing": 0.0,
    "views": 0,
    "resizers": "training",
    "attributes": "",
    "attribute": (),
    "class_variance": 0.0,
    "effort": "quick",
}
STEP = 32

# In a run's recipe.toml, the place of the teacher that was trained for it: so
# the run can be moved, and its recipe trains another teacher for another run.
OWN_TEACHER = "{run}/teacher"

NOT_SHARED = (
    "Several processes cannot make a teacher: train it first, at a larger "
    "`image_size`, and name its run by `teacher`, or use one process. "
    "Received: effort='best', teacher=''"
)


def settled(recipe, teacher=""):
    """Returns a recipe with the values that its effort sets.

    Args:
        recipe: A `Recipe`.
        teacher: Run folder of the teacher that is trained for it. Defaults to
            `""`: none is.

    Returns:
        A `Recipe`; the same one for `quick`.

    Example:

    >>> from kerasfg.config.recipe import Recipe
    >>> recipe = Recipe().with_options(effort="standard", epochs=5)
    >>> recipe = settled(recipe)
    >>> recipe.training.epochs, recipe.augmentation.views
    (5, 16)
    """
    given = given_options(recipe)
    values = {k: v for k, v in _sets(recipe, teacher).items() if k not in given}
    if cuts_by_itself(recipe):
        values.pop("views", None)
    # Enlarging and strides belong together: they decide what a step costs.
    enlarging = enlarging_options(recipe)
    if not enlarging or enlarging & given:
        values = {k: v for k, v in values.items() if k not in _ENLARGED}
    if teacher:
        values["teacher"] = str(teacher)
        values["weights"] = recipe.model.weights or "teacher"
    elif recipe.teacher.run in ("", OWN_TEACHER):
        if recipe.teacher.run:
            values["teacher"] = ""
        if recipe.model.weights == "teacher":
            values["weights"] = None
    return recipe.with_options(**values) if values else recipe


def _sets(recipe, teacher):
    effort = recipe.training.effort
    named = recipe.teacher.run not in ("", OWN_TEACHER)
    if effort == "best" and (teacher or named):
        return EFFORTS[effort] | STUDENT
    return EFFORTS[effort]


def enlarging_options(recipe):
    """Returns the names of the options by which an effort enlarges, a set.

    Example:

    >>> from kerasfg.config.recipe import Recipe
    >>> recipe = Recipe().with_options(effort="standard", image_size=32)
    >>> sorted(enlarging_options(recipe))
    ['output_stride', 'upsample_to']
    >>> enlarging_options(recipe.with_options(image_size=128))
    set()
    """
    if recipe.data.image_size >= _ENLARGED["upsample_to"]:
        return set()
    return _ENLARGED.keys() & EFFORTS[recipe.training.effort]


def set_by(effort):
    """Returns what an effort may set: a dictionary of options.

    Example:

    >>> set_by("quick"), set_by("standard")["epochs"]
    ({}, 30)
    """
    values = dict(EFFORTS[effort])
    if effort == "best":
        values |= STUDENT | {"teacher": OWN_TEACHER, "weights": "teacher"}
    return values


def given_options(recipe):
    """Returns the names of the options that a recipe gives, a set.

    Example:

    >>> from kerasfg.config.recipe import Recipe
    >>> given_options(Recipe().with_options(epochs=12))
    {'epochs'}
    """
    return {
        name
        for name, option in recipe.options().items()
        if option.key in getattr(recipe, option.section).model_fields_set
    }


def kept_options(recipe):
    """Returns those that an effort would change if they were not given.

    Example:

    >>> from kerasfg.config.recipe import Recipe
    >>> kept_options(Recipe().with_options(effort="best", views=0))
    ['views']
    """
    if recipe.training.effort == "quick":
        return []
    sets = _sets(recipe, wants_teacher(recipe))
    given, values = given_options(recipe), recipe.values()
    return [k for k, v in sets.items() if k in given and values[k] != v]


def cuts_by_itself(recipe):
    """Returns whether a recipe cuts its pictures in a way without views."""
    data, augmentation = recipe.data, recipe.augmentation
    return bool(
        data.crop_from
        or augmentation.augment_at
        or augmentation.train_resolutions
    )


# === The teacher of `best` ===


def wants_teacher(recipe):
    """Returns whether a teacher is trained for a recipe, if pictures allow.

    Example:

    >>> from kerasfg.config.recipe import Recipe
    >>> wants_teacher(Recipe().with_options(effort="best"))
    True
    >>> wants_teacher(Recipe().with_options(effort="best", teacher="run"))
    False
    """
    if recipe.teacher.run == OWN_TEACHER:
        return True
    is_open = "teacher" not in given_options(recipe)
    best = recipe.training.effort == "best"
    return best and is_open and not cuts_by_itself(recipe)


def teacher_size(recipe, side):
    """Returns the `image_size` of the teacher; 0 if the pictures allow none.

    Args:
        recipe: The student's `Recipe`.
        side: Median of the shorter sides of the pictures, in pixels.

    Example:

    >>> from kerasfg.config.recipe import Recipe
    >>> recipe = Recipe().with_options(image_size=32)
    >>> [teacher_size(recipe, side) for side in (32, 63, 100, 500)]
    [0, 0, 96, 224]
    """
    size = min(TEACHER["image_size"], int(side) // STEP * STEP)
    return size if size > recipe.data.image_size else 0


def teacher_recipe(student, size):
    """Returns the recipe of the teacher.

    It is the student's, with the options of `TEACHER`: the same pictures,
    split, seed, network and optimizer, without the terms of attributes and
    pairs. It sees its pictures no smaller than an enlarging student does.

    Args:
        student: The student's `Recipe`, settled.
        size: What `teacher_size` gives.
    """
    weights = student.model.weights
    enlarged = _ENLARGED["upsample_to"]
    return student.with_options(
        **TEACHER
        | {
            "image_size": size,
            "upsample_to": enlarged if size < enlarged else 0,
            "weights": None if weights == "teacher" else weights,
            "teacher": "",
        }
    )
