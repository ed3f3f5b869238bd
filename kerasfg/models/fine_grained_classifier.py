"""FineGrainedClassifier: a backbone, a pooling and a linear classifier."""

import keras
from keras import ops

from kerasfg.models.replicas import replica_count

POOLINGS = ("average",)


@keras.saving.register_keras_serializable(package="kerasfg")
class FineGrainedClassifier(keras.Model):
    """Image classifier for classes that look alike.

    The backbone's last feature map is pooled into the features `f(x)`; a
    linear layer turns them into one logit per class. `model(images)` and
    `model.predict` give class probabilities. In training the model gives a
    dictionary with the keys `map`, `features`, `logits` and `probabilities`,
    from which `compute_loss` takes what it needs.

    Compile it like any Keras model, with integer labels. A loss with
    `from_logits=True` is given the logits, which is the safe choice: on some
    backends the gradient of cross-entropy vanishes where probabilities have
    run to 0 or 1. `keras.losses.CategoricalCrossentropy`, the only one with
    label smoothing, takes integer labels here as well.

    Args:
        backbone: `keras.Model` from images of shape
            `(batch, height, width, 3)`, values 0 to 255, to a feature map
            `(batch, map_height, map_width, channels)`. See
            `kerasfg.models.backbone`.
        num_classes: Number of classes, at least 2.
        pooling: `"average"`, or a layer from the feature map to features of
            shape `(batch, dim)`. Defaults to `"average"`.
        dropout: Share of the features left out in a training step, in
            `[0, 1)`. Defaults to `0.2`.
        weight_decay: Coupled weight decay as PyTorch's SGD has it: adds
            `weight_decay / 2 * sum(w ** 2)` over all trainable weights to the
            loss. Defaults to `0.0`.
        class_names: Names of the classes in the order of their labels, saved
            with the model. Defaults to `None`.
        **kwargs: Base model keyword arguments, such as `name` and `dtype`.

    Call arguments:
        images: Pixels of shape `(batch, height, width, 3)`, 0 to 255.
        training: Whether to give the dictionary for the loss.

    Returns:
        Probabilities `(batch, num_classes)`, float32; with `training=True` a
        dictionary of float tensors.

    Raises:
        ValueError: If an argument is out of its range, or the number of
            `class_names` is not `num_classes`.

    Example:

    >>> images = keras.Input((32, 32, 3))
    >>> features = keras.layers.Conv2D(8, 3, strides=2)(images)
    >>> backbone = keras.Model(images, features)
    >>> model = FineGrainedClassifier(backbone, num_classes=3)
    >>> tuple(model(ops.zeros((2, 32, 32, 3))).shape)
    (2, 3)
    """

    def __init__(
        self,
        backbone,
        num_classes,
        pooling="average",
        dropout=0.2,
        weight_decay=0.0,
        class_names=None,
        **kwargs,
    ):
        _check_arguments(
            num_classes, pooling, dropout, weight_decay, class_names
        )
        super().__init__(**kwargs)
        self.num_classes = num_classes
        self.pooling = pooling
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.class_names = None if class_names is None else tuple(class_names)
        self.backbone = backbone
        self.network = self._build_network()
        self.weight_decay_tracker = (
            keras.metrics.Mean(name="weight_decay") if weight_decay else None
        )
        self.built = True

    # === The network ===

    def _build_network(self):
        images = keras.Input(self.backbone.input_shape[1:], name="image")
        feature_map = self.backbone(images)
        features = self._pooling_layer()(feature_map)
        kept = keras.layers.Dropout(self.dropout, name="dropout")(features)
        logits = keras.layers.Dense(
            self.num_classes, dtype="float32", name="logits"
        )(kept)
        probabilities = keras.layers.Softmax(
            dtype="float32", name="probabilities"
        )(logits)
        outputs = {
            "map": feature_map,
            "features": features,
            "logits": logits,
            "probabilities": probabilities,
        }
        return keras.Model(images, outputs, name="network")

    def _pooling_layer(self):
        if self.pooling == "average":
            return keras.layers.GlobalAveragePooling2D(name="pooling")
        return self.pooling

    @property
    def input_shape(self):
        return self.network.input_shape

    @property
    def output_shape(self):
        return (None, self.num_classes)

    def call(self, images, training=False):
        outputs = self.network(images, training=training)
        return outputs if training else outputs["probabilities"]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.num_classes)

    # === The objective ===

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        loss = super().compute_loss(
            x,
            self._target(y),
            self._prediction(y_pred),
            sample_weight,
            training,
        )
        if training and self.weight_decay:
            loss = loss + self._weight_decay_term() / replica_count()
        return loss

    def _target(self, y):
        """Integer labels as the compiled loss wants them."""
        one_hot = isinstance(self.loss, keras.losses.CategoricalCrossentropy)
        if one_hot and len(y.shape) < 2:
            return ops.one_hot(ops.cast(y, "int32"), self.num_classes)
        return y

    def _prediction(self, y_pred):
        """Logits or probabilities, whichever the compiled loss takes."""
        from_logits = getattr(self.loss, "from_logits", False)
        if isinstance(y_pred, dict):
            return y_pred["logits" if from_logits else "probabilities"]
        if from_logits:  # log p differs from the logits by a constant only
            return ops.log(ops.maximum(y_pred, 1e-37))
        return y_pred

    def _weight_decay_term(self):
        squares = [
            ops.sum(ops.square(ops.cast(w, "float32")))
            for w in self.trainable_weights
        ]
        term = self.weight_decay / 2 * sum(squares)
        self.weight_decay_tracker.update_state(term)
        return term

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        if isinstance(y_pred, dict):
            return super().compute_metrics(
                x, y, y_pred["probabilities"], sample_weight
            )
        logs = super().compute_metrics(x, y, y_pred, sample_weight)
        logs.pop("weight_decay", None)  # a term of training only
        return logs

    # === Config ===

    def get_config(self):
        return {
            **super().get_config(),
            "backbone": keras.saving.serialize_keras_object(self.backbone),
            "num_classes": self.num_classes,
            "pooling": keras.saving.serialize_keras_object(self.pooling),
            "dropout": self.dropout,
            "weight_decay": self.weight_decay,
            "class_names": self.class_names and list(self.class_names),
        }

    @classmethod
    def from_config(cls, config):
        nested = {
            key: keras.saving.deserialize_keras_object(config[key])
            for key in ("backbone", "pooling")
        }
        return cls(**{**config, **nested})


def _check_arguments(num_classes, pooling, dropout, weight_decay, class_names):
    if num_classes < 2:
        raise ValueError(
            "Argument `num_classes` must be at least 2. "
            f"Received: num_classes={num_classes}"
        )
    if not isinstance(pooling, keras.layers.Layer) and pooling not in POOLINGS:
        raise ValueError(
            f"Argument `pooling` must be one of {POOLINGS} or a layer. "
            f"Received: pooling={pooling!r}"
        )
    if not 0 <= dropout < 1:
        raise ValueError(
            f"Argument `dropout` must be in [0, 1). Received: dropout={dropout}"
        )
    if not weight_decay >= 0:
        raise ValueError(
            "Argument `weight_decay` must not be negative. "
            f"Received: weight_decay={weight_decay}"
        )
    if class_names is not None and len(class_names) != num_classes:
        raise ValueError(
            "Argument `class_names` must hold one name for each of the "
            f"{num_classes} classes. Received: class_names={class_names}"
        )
