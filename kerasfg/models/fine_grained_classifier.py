"""FineGrainedClassifier: a backbone, a pooling and a linear classifier."""

import keras
from keras import ops

from kerasfg.data.attributes import AttributeTable
from kerasfg.models.arguments import check_arguments
from kerasfg.models.arguments import check_backbone
from kerasfg.models.arguments import check_losses
from kerasfg.models.arguments import check_outputs
from kerasfg.models.arguments import check_step
from kerasfg.models.arguments import class_count
from kerasfg.models.arguments import fitting_centroids
from kerasfg.models.arguments import fitting_table
from kerasfg.models.arguments import names_of_classes
from kerasfg.models.arguments import warn_of_idle_terms
from kerasfg.models.distillation import check_distillation
from kerasfg.models.distillation import distillation_term
from kerasfg.models.distillation import with_distillation
from kerasfg.models.extra_terms import attribute_term
from kerasfg.models.extra_terms import class_variance_term
from kerasfg.models.extra_terms import feature_statistics
from kerasfg.models.extra_terms import term_trackers
from kerasfg.models.extra_terms import weight_decay_term
from kerasfg.models.network import build_network
from kerasfg.models.network import pooling_layer
from kerasfg.models.pooled_maps import pooled_streams
from kerasfg.models.targets import class_predictions
from kerasfg.models.targets import class_targets
from kerasfg.models.targets import integer_labels
from kerasfg.models.targets import label_weight
from kerasfg.models.targets import split_target
from kerasfg.models.targets import teacher_logits
from kerasfg.models.train_step import train_step

# Attributes that `get_config` serializes as Keras objects.
NESTED = (
    "backbone",
    "pooling",
    "class_variance",
    "attributes",
    "attribute_distance",
    "centroids",
    "distillation",
)


@keras.saving.register_keras_serializable(package="kerasfg")
class FineGrainedClassifier(keras.Model):
    """Image classifier for classes of similar appearance.

    The backbone's last feature map, after optional attention, is pooled into
    the features `f(x)`; a linear layer computes one logit per class. A call
    returns class probabilities, in training too. The model can be nested,
    cloned and cut like any other: its layers, `inputs` and `outputs` are those
    of the functional model `model.network`, which returns a dictionary with
    the keys `map`, `features`, `logits` and `probabilities` for the training
    step.

    Compile it like any Keras model, with integer labels. A loss with
    `from_logits=True` is given the logits, which is the safe choice: on some
    backends the gradient of cross-entropy vanishes where probabilities are 0
    or 1. `keras.losses.CategoricalCrossentropy`, which can smooth
    labels, takes integer labels here, too. Metrics are given probabilities.

    To the compiled loss it adds, in training only, the terms of two papers:

    - `attributes` pulls the features of a picture toward the centroids of its
      class's attributes, so that classes that share an attribute come near. The
      centroids are kept in the model (`model.centroids`) and move with each
      batch; no gradient flows through them.
    - `class_variance` pulls the pictures of one class together and pushes those
      of different classes apart. Its batches should hold several pictures of a
      class: see `kerasfg.data.batches.balanced`.

    With `distillation` it learns from a teacher, too, such as one that gets the
    same pictures at a larger size: the targets of training are dictionaries
    with the teacher's logits. The teacher itself is no part of the model.

    `sample_weight` and `class_weight` apply to the compiled loss and to the
    attribute term; weight 0 takes a picture out of pairs and centroids too.
    Where targets are dictionaries, with the teacher's logits or attributes of
    each picture, Keras refuses `class_weight`, and `sample_weight` applies to
    the distillation, too.
    Each term, the norm and spread of the features and the numbers of pairs are
    metrics of the training, which the callback `kerasfg.callbacks.TermWatch`
    checks. Prediction and export need no attributes.

    The terms act in this model's own `fit`. A model that holds this one as a
    layer is trained without them, with one warning.

    Replicas of a `tf.distribute` strategy share pairs and centroids. A mean
    over pictures is the mean of the replicas' means, as in Keras, and so
    differs a little from one device's where a batch does not divide evenly.

    Args:
        backbone: `keras.Model` from images of shape
            `(batch, height, width, 3)`, values 0 to 255, to a feature map
            `(batch, map_height, map_width, channels)`; see
            `kerasfg.models.backbone`. Two of them in a list are the two
            streams of bilinear pooling. Second-order poolings end it at the
            maps they need; see `kerasfg.models.pooled_maps`.
        num_classes: Number of classes, at least 2.
        attention: Whether the map goes through `ResidualSigmoidAttention`.
            Defaults to `False`.
        pooling: `"average"`, `"bilinear"`, `"compact_bilinear"`,
            `"hierarchical_bilinear"`, or a layer from the feature map (or list
            of maps) to features of shape `(batch, dim)`. Defaults to
            `"average"`.
        class_variance: `kerasfg.losses.ClassVariance`, or `None` for none.
            Defaults to `None`.
        attributes: `kerasfg.AttributeTable` whose classes are those of the
            labels. Or, where each picture has attributes of its own, the
            number of values of each attribute; targets are then dictionaries
            `{"label": (batch,), "attributes": (batch, attributes)}`, which are
            allowed with a table too. -1 is unknown. Defaults to `None`.
        attribute_distance: `kerasfg.losses.AttributeDistance`. Defaults to
            `None`, which with `attributes` means `AttributeDistance()`.
        centroids: An `AttributeCentroids` layer, or its `update`: `"ema"`,
            `"center"` or `"exact"`. Defaults to `"ema"`.
        distillation: `keras.distillation.LogitsDistillation(temperature)`.
            The targets of training are then dictionaries
            `{"label": (batch,), "teacher_logits": (batch, num_classes)}`, with
            `"attributes"` as above; those of validation may be labels.
            Defaults to `None`: no teacher.
        distillation_weight: Share of the distillation, in `[0, 1]`; that of the
            compiled loss is `1 - distillation_weight`; the other terms are
            added without a factor. The distillation has the factor
            `temperature ** 2`. Defaults to `0.5`.
        dropout: Share of the features left out in a training step, in
            `[0, 1)`. Defaults to `0.2`.
        weight_decay: Coupled weight decay as in PyTorch's SGD: adds
            `weight_decay / 2 * sum(w ** 2)` over all trainable weights to the
            loss. Defaults to `0.0`.
        class_names: Names of the classes in the order of their labels, saved
            with the model. Defaults to `None`, or to those of the table.
        **kwargs: Base model keyword arguments, such as `name`.

    Call arguments:
        images: Pixels of shape `(batch, height, width, 3)`, 0 to 255.
        training: Whether dropout and batch normalization act as in training.

    Returns:
        Probabilities `(batch, num_classes)`, float32.

    Raises:
        ValueError: If an argument is out of its range, arguments do not fit
            together, or a backbone has its channels first.

    Example:

    >>> images = keras.Input((32, 32, 3))
    >>> features = keras.layers.Conv2D(8, 3, strides=2)(images)
    >>> backbone = keras.Model(images, features)
    >>> model = FineGrainedClassifier(backbone, num_classes=3, attention=True)
    >>> tuple(model(ops.zeros((2, 32, 32, 3))).shape)
    (2, 3)

    Reference:

    - Enhancing Fine-Grained Classification for Low Resolution Images (Singh et
      al.), Eq. 1 to 3
    - The loss model with class variance for fine-grained classification (Long
      et al.), sections 3.1 and 3.2
    - [Hinton et al., 2015](https://arxiv.org/abs/1503.02531), of distillation
    """

    def __init__(
        self,
        backbone,
        num_classes,
        attention=False,
        pooling="average",
        class_variance=None,
        attributes=None,
        attribute_distance=None,
        centroids="ema",
        distillation=None,
        distillation_weight=0.5,
        dropout=0.2,
        weight_decay=0.0,
        class_names=None,
        **kwargs,
    ):
        num_classes = class_count(num_classes)
        check_arguments(num_classes, dropout, weight_decay, class_names)
        check_losses(class_variance, attribute_distance)
        check_backbone(backbone)
        check_distillation(distillation, distillation_weight)
        super().__init__(autocast=False, **kwargs)  # the layers cast
        self.num_classes = num_classes
        self.attention = attention
        self.pooling = pooling
        self.class_variance = class_variance
        self.attributes = fitting_table(attributes, num_classes, class_names)
        self.distillation = distillation
        self.distillation_weight = distillation_weight
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.class_names = names_of_classes(class_names, self.attributes)
        layer = pooling_layer(pooling)
        streams = pooled_streams(backbone, layer)
        self.backbone = streams[0] if len(streams) == 1 else streams
        self.network = build_network(
            streams, attention, layer, dropout, num_classes
        )
        self.attribute_distance, self.centroids = fitting_centroids(
            attribute_distance,
            centroids,
            self.attributes,
            self.network.output["features"].shape,
        )
        self.trackers = term_trackers(self)
        self._gives_all = self._warned = False
        self.build(self.network.input_shape)
        self._called = True  # Keras exports no model that was never called

    # === The interface of a functional model ===

    def build(self, input_shape):
        pass  # already built; Keras stores the shape, which `export` needs

    @property
    def layers(self):
        extra = [] if self.centroids is None else [self.centroids]
        return [*self.network.layers, *extra]

    @property
    def input(self):
        return self.network.inputs[0]

    @property
    def inputs(self):
        return self.network.inputs

    @property
    def output(self):
        return self.network.output["probabilities"]

    @property
    def outputs(self):
        return [self.output]

    @property
    def input_shape(self):
        return self.network.input_shape

    @property
    def input_dtype(self):
        return self.input.dtype

    @property
    def output_shape(self):
        return self.output.shape

    def call(self, images, training=None):
        if training and self.trackers and not (self._gives_all or self._warned):
            self._warned = True
            warn_of_idle_terms(self)
        outputs = self.network(images, training=training)
        return outputs if self._gives_all else outputs["probabilities"]

    def compute_output_spec(self, images, training=None):
        return self.network.compute_output_spec(images)["probabilities"]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.num_classes)

    # === Training ===

    def make_train_function(self, force=False):
        check_step(self)
        return super().make_train_function(force)

    def train_step(self, *args):
        if keras.backend.backend() == "tensorflow":
            return train_step(self, *args)
        return super().train_step(*args)

    def training_outputs(self, images):
        """Returns all outputs of the network for a step of training.

        They come through `call` if a subclass has one of its own, such as one
        that prepares the images and passes them on.
        """
        if type(self).call is FineGrainedClassifier.call:
            return self.network(images, training=True)
        self._gives_all = True
        try:
            outputs = self(images, training=True)
        finally:
            self._gives_all = False
        if not isinstance(outputs, dict):
            raise ValueError(
                "The `call` of a subclass must return what `super().call` "
                f"returns. Received: {type(outputs).__name__}"
            )
        return outputs

    def compute_loss_and_updates(self, *args, training=False, **kwargs):
        """The part of JAX's steps that is differentiated."""
        self._gives_all = training
        try:
            return super().compute_loss_and_updates(
                *args, training=training, **kwargs
            )
        finally:
            self._gives_all = False

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        labels, _ = split_target(y)
        sample_weight = label_weight(sample_weight)
        compiled = keras.tree.flatten(self.loss)[0]  # it may be in a list
        loss = super().compute_loss(
            x,
            class_targets(labels, compiled, self.num_classes),
            class_predictions(y_pred, compiled),
            sample_weight,
            training,
        )
        if training:
            check_outputs(y_pred, self.trackers)
            loss, measures = self._distilled(loss, y, y_pred, sample_weight)
            terms, of_terms = self._extra_terms(y, y_pred, sample_weight)
            loss = sum((ops.cast(term, loss.dtype) for term in terms), loss)
            measures |= of_terms
            # Without a share in the data, the step that finds the end of a
            # data set of unknown length would count as well.
            batch_size = ops.shape(y_pred["logits"])[0]
            one = ops.cast(batch_size * 0 + 1, "float32")
            for name, tracker in self.trackers.items():
                tracker.update_state(measures[name], one)
        return loss

    def _distilled(self, loss, y, outputs, sample_weight):
        """The compiled loss mixed with the distillation, and its measures."""
        logits = teacher_logits(y, needed=self.distillation is not None)
        if logits is None:
            return loss, {}
        term = distillation_term(
            self.distillation, logits, outputs["logits"], sample_weight
        )
        return with_distillation(
            loss, self.losses, self.distillation_weight, term
        )

    def _extra_terms(self, y, outputs, sample_weight):
        """This replica's share of each term, and their measures."""
        terms, measures = [], {}
        if self.class_variance:
            labels = integer_labels(split_target(y)[0], self.num_classes)
            term, of_term = class_variance_term(
                self.class_variance, labels, outputs, sample_weight
            )
            terms, measures = [*terms, term], measures | of_term
        if self.attributes is not None:
            term, of_term = attribute_term(
                self.attribute_distance,
                self.centroids,
                self.attribute_values(y),
                outputs["features"],
                sample_weight,
            )
            terms, measures = [*terms, term], measures | of_term
        if terms:
            measures |= feature_statistics(outputs["features"])
        if self.weight_decay:
            term, of_term = weight_decay_term(
                self.weight_decay, self.trainable_weights
            )
            terms, measures = [*terms, term], measures | of_term
        return terms, measures

    def attribute_values(self, y):
        """Looks up the attributes of a target.

        Args:
            y: Labels, or a dictionary of `"label"` and `"attributes"`.

        Returns:
            Int32 tensor of shape `(batch, attributes)`; -1 is unknown.

        Raises:
            ValueError: If the target has no attributes, and the model no table.
        """
        labels, values = split_target(y)
        if values is not None:
            return ops.cast(values, "int32")
        if not isinstance(self.attributes, AttributeTable):
            raise ValueError(
                "Without an AttributeTable a target must be a dictionary of "
                "'label' and 'attributes'. "
                f"Received: y of the type {type(y).__name__}"
            )
        labels = integer_labels(labels, self.num_classes)
        return ops.take(self.attributes.values, labels, axis=0)

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        labels, _ = split_target(y)
        sample_weight = label_weight(sample_weight)
        if isinstance(y_pred, dict):
            return super().compute_metrics(
                x, labels, y_pred["probabilities"], sample_weight
            )
        logs = super().compute_metrics(x, labels, y_pred, sample_weight)
        # the terms are computed in training only
        return {k: v for k, v in logs.items() if k not in self.trackers}

    # === Config ===

    def _head(self):
        """The layers that are built again from arguments."""
        own = (self.pooling, *keras.tree.flatten(self.backbone))
        return [
            layer
            for layer in self.network.layers
            if not any(layer is one for one in own)
        ]

    def get_config(self):
        nested = {key: getattr(self, key) for key in NESTED}
        nested["centroids"] = nested["centroids"] or "ema"
        return {
            **super().get_config(),
            **{
                key: keras.saving.serialize_keras_object(value)
                for key, value in nested.items()
            },
            "num_classes": self.num_classes,
            "attention": self.attention,
            "distillation_weight": self.distillation_weight,
            "dropout": self.network.get_layer("dropout").rate,
            "frozen": [x.name for x in self._head() if not x.trainable],
            "weight_decay": self.weight_decay,
            "class_names": self.class_names and list(self.class_names),
        }

    @classmethod
    def from_config(cls, config):
        nested = {
            key: keras.saving.deserialize_keras_object(config[key])
            for key in NESTED
            if key in config
        }
        frozen = config.get("frozen", ())
        arguments = {k: v for k, v in config.items() if k != "frozen"}
        model = cls(**{**arguments, **nested})
        for layer in model._head():
            if layer.name in frozen:
                layer.trainable = False
        return model
