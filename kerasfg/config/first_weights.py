"""Where a recipe takes the weights from that its training begins with."""

from pathlib import Path

from kerasfg.config.recipe import Recipe
from kerasfg.hub.address import hub_address
from kerasfg.hub.download import local_folder
from kerasfg.hub.download import local_weights


def trained_model(recipe):
    """Returns the file of the trained model that the weights are taken from.

    With a teacher it is the teacher's, unless the recipe names another or the
    two have different backbones.

    Args:
        recipe: A `Recipe`.

    Returns:
        `Path` of a `.keras` file, which need not exist; `None` if they are no
        trained model's, but ImageNet's, random or a KerasHub preset's.

    Raises:
        ValueError: If they are those of a run folder without its recipe.
    """
    weights = recipe.chosen_weights()
    if weights == "teacher":
        fits = recipe.model.weights == "teacher" or _same_backbone(recipe)
        if not fits:
            return None
        return local_folder(recipe.teacher.run, "teacher") / "model.keras"
    if weights in ("imagenet", "none"):
        return None
    check_recipe_is_there(weights)
    path = local_weights(weights) or Path(weights)
    if (path / "recipe.toml").is_file():
        return path / "model.keras"
    return path if path.suffix == ".keras" else None


def check_recipe_is_there(weights):
    """Checks that a folder is no run that has lost its recipe.

    Args:
        weights: `weights` of a recipe, a string.

    Raises:
        ValueError: If it holds a `model.keras`, but no `recipe.toml`.
    """
    path = Path(weights)
    model = path / "model.keras"
    if model.is_file() and not (path / "recipe.toml").is_file():
        raise ValueError(
            "A run folder given as `weights` must have its recipe.toml: copy "
            f"it back, or give the file {str(model)!r}. "
            f"Received: weights={str(weights)!r}"
        )


def weights_of_backbone(recipe):
    """Returns the argument `weights` of `kerasfg.models.backbone`."""
    weights = recipe.chosen_weights()
    if weights == "none" or trained_model(recipe):
        return None
    return "imagenet" if weights == "teacher" else weights


def without_lost_weights(recipe):
    """Returns a recipe that begins with none, if the folder it names is gone.

    It is for a training that goes on from a checkpoint, which has all weights.
    """
    weights = recipe.chosen_weights()
    is_kept = weights in ("imagenet", "none", "teacher") or hub_address(weights)
    if is_kept or Path(weights).exists():
        return recipe
    return recipe.with_options(weights="none")


def _same_backbone(recipe):
    file = local_folder(recipe.teacher.run, "teacher") / "recipe.toml"
    if not file.is_file():
        return False
    own, other = recipe.model, Recipe.from_toml(file).model
    keys = ("backbone", "second_backbone")
    return all(getattr(own, key) == getattr(other, key) for key in keys)
