"""The model that a recipe describes, untrained."""

import keras

from kerasfg.layers import CompactBilinearPooling
from kerasfg.layers import HierarchicalBilinearPooling
from kerasfg.losses import AttributeDistance
from kerasfg.losses import ClassVariance
from kerasfg.models.backbones import backbone
from kerasfg.models.fine_grained_classifier import FineGrainedClassifier


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
            data_format="channels_last",
            name="pooling",
        )
    if model.pooling == "hierarchical_bilinear":
        return HierarchicalBilinearPooling(
            projection_dim=model.pooling_dim,
            data_format="channels_last",
            name="pooling",
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
