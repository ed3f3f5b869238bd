"""The pictures, the attributes and the model that a recipe describes."""

import contextlib
import dataclasses
import importlib.resources
import warnings
from pathlib import Path

import keras

from kerasfg.data.attributes import AttributeTable
from kerasfg.data.cache import prepare
from kerasfg.data.folder import from_folder
from kerasfg.data.published.catalog import read_published
from kerasfg.data.published.catalog import read_published_attributes
from kerasfg.data.published.catalog import split_place
from kerasfg.data.some_classes import some_classes
from kerasfg.layers import CompactBilinearPooling
from kerasfg.layers import HierarchicalBilinearPooling
from kerasfg.losses import AttributeDistance
from kerasfg.losses import ClassVariance
from kerasfg.models.backbones import backbone
from kerasfg.models.fine_grained_classifier import FineGrainedClassifier

# What a table says of its arguments, said of the options.
OPTIONS = {
    "pass allow_others=True": "add --other-classes, or in a recipe's section "
    "[attributes] `other_classes = true`",
    "pass the threshold": "give by --attribute-threshold, or in a recipe by "
    "`attribute_threshold`, the number",
}


def load_pixels(recipe, verbose=True, seed=0, image_size=None):
    """Reads and shrinks the pictures that a recipe names.

    Args:
        recipe: The `Data` section of a recipe.
        verbose: Whether to show progress. Defaults to `True`.
        seed: That of the training, which decides what `classes` are drawn.
            Defaults to `0`.
        image_size: Pixels in place of the recipe's. Defaults to `None`.

    Returns:
        A `kerasfg.data.cache.PixelCache`.

    Raises:
        ValueError: If there are no pictures, or fewer classes than wanted.
    """
    return prepare(
        read_source(recipe, seed),
        image_size or recipe.image_size,
        recipe.crop,
        progress=verbose,
        crop_fraction=recipe.crop_fraction,
    )


def read_source(recipe, seed=0):
    """Finds the pictures that a recipe names.

    Args:
        recipe: The `Data` section of a recipe.
        seed: See `load_pixels`. Defaults to `0`.

    Returns:
        A `kerasfg.data.source.Source`.

    Raises:
        ValueError: See `load_pixels`.
    """
    if not recipe.data:
        raise ValueError(
            "A recipe must say where the pictures are: add --data DIR, or "
            "`data` in its section [data]. Received: data=''"
        )
    source = _source(recipe)
    if recipe.classes:
        return some_classes(source, recipe.classes, seed)
    return source


def _source(recipe):
    published = split_place(recipe.data)
    if published:
        source = read_published(*published, boxes=recipe.boxes)
        return dataclasses.replace(source, strict=recipe.strict)
    if recipe.boxes:
        raise ValueError(
            "Only published data sets have boxes: leave `boxes` out. "
            f"Received: boxes=true, data={recipe.data!r}"
        )
    if recipe.data == "field_guide":
        from kerasfg.data.field_guide import field_guide

        return field_guide(recipe.images_per_class)
    if recipe.data.startswith("tfds:"):
        from kerasfg.data.tfds import from_tfds

        return from_tfds(recipe.data.removeprefix("tfds:"))
    return from_folder(recipe.data, strict=recipe.strict)


# === Attributes ===


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
        from kerasfg.data.field_guide import field_guide_attributes

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


# === The model ===


def build_model(recipe, class_names, attributes=None):
    """Builds the untrained model that a recipe describes.

    Args:
        recipe: A `Recipe`.
        class_names: Names of the classes.
        attributes: What `load_attributes` gives. Defaults to `None`.

    Returns:
        A `FineGrainedClassifier`, not compiled.
    """
    model, training = recipe.model, recipe.training
    decay = training.of_optimizer("weight_decay")
    coupled = decay if training.optimizer == "sgd" else 0.0
    streams = [
        _backbone(recipe, name)
        for name in (model.backbone, model.second_backbone)
        if name
    ]
    return FineGrainedClassifier(
        streams if len(streams) > 1 else streams[0],
        num_classes=len(class_names),
        attention=model.attention,
        pooling=_pooling(model, training.seed),
        class_variance=_class_variance(recipe.class_variance),
        **_attribute_term(recipe.attributes, attributes),
        **_distillation(recipe.teacher),
        dropout=model.dropout,
        weight_decay=coupled,
        class_names=class_names,
        name="classifier",
    )


def _backbone(recipe, name):
    model = recipe.model
    return backbone(
        name,
        recipe.data.image_size,
        upsample_to=model.upsample_to or None,
        output_stride=recipe.chosen_output_stride(),
        weights=None if model.weights == "none" else model.weights,
    )


def _pooling(model, seed):
    """The layer where the recipe has its size, else its name."""
    if model.pooling == "compact_bilinear":
        return CompactBilinearPooling(
            output_dim=model.pooling_dim,
            projection=model.projection,
            seed=seed,
            name="pooling",
        )
    if model.pooling == "hierarchical_bilinear":
        return HierarchicalBilinearPooling(
            projection_dim=model.pooling_dim, name="pooling"
        )
    return model.pooling


def _class_variance(pairs):
    weight = pairs.class_variance
    if not weight:
        return None
    return ClassVariance(
        pull_weight=weight,
        push_weight=weight,
        margin=pairs.margin,
        push=pairs.push,
        on=pairs.on,
    )


def _attribute_term(settings, table):
    """The model's arguments; none for a table that is only evaluated by."""
    if table is None or not settings.attribute_weight:
        return {}
    return {
        "attributes": table,
        "attribute_distance": AttributeDistance(
            weight=settings.attribute_weight,
            split_features=settings.split_features,
        ),
        "centroids": settings.centroid_update,
    }


def _distillation(settings):
    """The model's arguments; none without a teacher."""
    if not settings.teacher:
        return {}
    return {
        "distillation": keras.distillation.LogitsDistillation(
            settings.teacher_temperature
        ),
        "distillation_weight": settings.teacher_weight,
    }
