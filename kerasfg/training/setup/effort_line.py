"""The line on what a training does, and what more effort would bring."""

from kerasfg.config.effort import OWN_TEACHER
from kerasfg.config.effort import STEP
from kerasfg.config.effort import TEACHER
from kerasfg.config.effort import cuts_by_itself
from kerasfg.config.effort import enlarging_options
from kerasfg.config.effort import given_options
from kerasfg.config.effort import kept_options
from kerasfg.config.effort import settled
from kerasfg.config.effort import teacher_recipe
from kerasfg.config.effort import teacher_size
from kerasfg.config.effort import wants_teacher

# A training step takes so many times as long as a prediction.
_STEP = 3


def effort_line(recipe, side):
    """Returns the line.

    Args:
        recipe: The `Recipe`, not settled.
        side: Median of the shorter sides of the pictures, in pixels.

    Example:

    >>> from kerasfg.config.recipe import Recipe
    >>> print(effort_line(Recipe().with_options(image_size=32), 300))
    Effort quick: 12 epochs. `--effort best` trains a teacher of 224 pixels \
first, and takes about 9 times as long as this.
    """
    student, size = _planned(recipe, side)
    sentences = [f"Effort {recipe.training.effort}: {_what(student, size)}."]
    kept = [recipe.options()[name] for name in kept_options(recipe)]
    if kept:
        names = ", ".join(option.flag for option in kept)
        sentences.append(f"Set otherwise than by the effort: {names}.")
    sentences += _not_enlarged(recipe)
    if recipe.training.effort == "best":
        sentences += [_why_no_teacher(recipe, side)] * (not size)
    else:
        sentences += _would(recipe, side)
    return " ".join(sentences)


def _planned(recipe, side):
    """Returns the settled recipe, and the size of its own teacher or 0."""
    size = teacher_size(recipe, side) if wants_teacher(recipe) else 0
    return settled(recipe, "its own" if size else ""), size


def _what(student, size):
    views, epochs = student.augmentation.view_count, student.training.epochs
    epochs_of_teacher = TEACHER["epochs"]
    teacher = f"a teacher of {size} pixels ({epochs_of_teacher} epochs)"
    parts = [teacher] * bool(size)
    parts += [f"{views} views of each picture"] * bool(views)
    parts.append(f"{epochs} epoch{'s' * (epochs > 1)}")
    return ", ".join(parts)


def _not_enlarged(recipe):
    """Returns which of two options keeps an effort from its own, in a list."""
    enlarged = enlarging_options(recipe)
    given = sorted(given_options(recipe) & enlarged)
    if len(given) != 1:
        return []
    (left,) = enlarged - {*given}
    options = recipe.options()
    return [
        f"{options[left].flag} is not set, since {options[given[0]].flag} is "
        "given: the effort sets both or none."
    ]


def _why_no_teacher(recipe, side):
    if recipe.teacher.run not in ("", OWN_TEACHER):
        return "The teacher is given, so none is trained."
    if not wants_teacher(recipe):
        option = "`crop_from`, `augment_at` and `train_resolutions`"
        if not cuts_by_itself(recipe):
            option = "a recipe that says `teacher` is none"
        return f"No teacher is trained: {option} leave no room for one."
    if side // STEP * STEP > recipe.data.image_size:
        return (
            f"No teacher is trained: it has {TEACHER['image_size']} pixels at "
            "most, and the network gets as many."
        )
    return (
        "No teacher is trained, as the pictures are too small for one: half "
        f"of them have a shorter side of at most {side} pixels, and the "
        f"network gets {recipe.data.image_size}."
    )


def _would(recipe, side):
    """Returns what `best` would bring, in a list."""
    best, size = _planned(recipe.with_options(effort="best"), side)
    now = _planned(recipe, side)
    times = _cost(best, size) / _cost(*now)
    if times < 1.2:
        return []
    takes = f"takes about {times:.{int(times < 3)}f} times as long as this"
    if size:
        does = f"trains a teacher of {size} pixels first, and {takes}"
    else:
        does = f"does {_what(best, 0)}, and {takes}"
    return [f"`--effort best` {does}."]


def _cost(student, size):
    """Returns how long it takes, in a unit of its own."""
    cost = _STEP * _pixels(student) * student.training.epochs
    if size:
        teacher = teacher_recipe(student, size)
        passes = _STEP * teacher.training.epochs
        passes += student.augmentation.view_count
        cost += passes * _pixels(teacher)
    return cost


def _pixels(recipe):
    """Returns the pixels of a picture of the same cost at a stride of 32."""
    side = recipe.model.upsample_to or recipe.data.image_size
    return (side * 32 / recipe.chosen_output_stride()) ** 2
