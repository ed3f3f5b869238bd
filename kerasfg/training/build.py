"""The pictures and the model that a recipe describes."""

from kerasfg.data.cache import prepare
from kerasfg.data.folder import from_folder
from kerasfg.models.backbones import backbone
from kerasfg.models.fine_grained_classifier import FineGrainedClassifier


def load_pixels(recipe, verbose=True):
    """Reads and shrinks the pictures that a recipe names.

    Args:
        recipe: The `Data` section of a recipe.
        verbose: Whether to show progress.

    Returns:
        A `kerasfg.data.cache.PixelCache`.
    """
    if not recipe.data:
        raise ValueError(
            "A recipe must say where the pictures are: add --data DIR, or "
            "`data` in its section [data]. Received: data=''"
        )
    if recipe.data == "field_guide":
        from kerasfg.data.field_guide import field_guide

        source = field_guide(recipe.images_per_class)
    elif recipe.data.startswith("tfds:"):
        from kerasfg.data.tfds import from_tfds

        source = from_tfds(recipe.data.removeprefix("tfds:"))
    else:
        source = from_folder(recipe.data, strict=recipe.strict)
    return prepare(source, recipe.image_size, recipe.crop, progress=verbose)


def build_model(recipe, class_names):
    """Builds the untrained model that a recipe describes.

    Args:
        recipe: A `Recipe`.
        class_names: Names of the classes.

    Returns:
        A `FineGrainedClassifier`, not compiled.
    """
    model, training = recipe.model, recipe.training
    coupled = training.weight_decay if training.optimizer == "sgd" else 0.0
    return FineGrainedClassifier(
        backbone(
            model.backbone,
            recipe.data.image_size,
            upsample_to=model.upsample_to or None,
            output_stride=recipe.chosen_output_stride(),
            weights=None if model.weights == "none" else model.weights,
        ),
        num_classes=len(class_names),
        pooling=model.pooling,
        dropout=model.dropout,
        weight_decay=coupled,
        class_names=class_names,
        name="classifier",
    )
