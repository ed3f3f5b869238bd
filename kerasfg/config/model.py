"""The model that a recipe describes, untrained."""

import keras

from kerasfg.config.first_weights import weights_of_backbone
from kerasfg.config.names import arguments_named
from kerasfg.layers import CompactBilinearPooling
from kerasfg.layers import HierarchicalBilinearPooling
from kerasfg.losses import AttributeDistance
from kerasfg.losses import ClassVariance
from kerasfg.models.backbones import backbone
from kerasfg.models.fine_grained_classifier import FineGrainedClassifier


def build_model(recipe, class_names, attributes=None):
    """Builds the untrained model that a recipe describes.

    Where it begins with a trained model's weights, they are still random; see
    `kerasfg.config.first_weights`.

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
        _backbone(recipe, key)
        for key in ("backbone", "second_backbone")
        if getattr(model, key)
    ]
    return FineGrainedClassifier(
        streams if len(streams) > 1 else streams[0],
        num_classes=len(class_names),
        attention=model.attention,
        pooling=_pooling(model, training.seed),
        class_variance=_class_variance(recipe.pair_terms),
        **_attribute_term(recipe.attributes, attributes),
        **_distillation(recipe.teacher),
        dropout=model.dropout,
        weight_decay=coupled,
        class_names=class_names,
        name="classifier",
    )


def _backbone(recipe, key):
    model = recipe.model
    with arguments_named(name=key):
        return backbone(
            getattr(model, key),
            recipe.data.image_size,
            upsample_to=model.upsample_to or None,
            output_stride=recipe.chosen_output_stride(),
            weights=weights_of_backbone(recipe),
        )


def _pooling(model, seed):
    """The layer if the recipe sets its size, otherwise its name."""
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
    if not pairs.weight:
        return None
    return ClassVariance(
        pull_weight=pairs.weight,
        push_weight=pairs.weight,
        margin=pairs.margin,
        push=pairs.push,
        on=pairs.on,
    )


_REDUCTIONS = {"mean": "sum_over_batch_size", "sum": "sum"}


def _attribute_term(settings, table):
    """The model's arguments; empty if the table serves evaluation only."""
    if table is None or not settings.weight:
        return {}
    return {
        "attributes": table,
        "attribute_distance": AttributeDistance(
            weight=settings.weight,
            split_features=settings.split_features,
            reduction=_REDUCTIONS[settings.reduction],
        ),
        "centroids": settings.centroid_update,
    }


def _distillation(settings):
    """The model's arguments; empty without a teacher."""
    if not settings.run:
        return {}
    return {
        "distillation": keras.distillation.LogitsDistillation(
            settings.temperature
        ),
        "distillation_weight": settings.weight,
    }
