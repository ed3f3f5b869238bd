"""Cross-entropy for unequal classes: with a weight for each class."""

import keras
from keras import ops

from kerasfg.losses.per_class import checked_numbers
from kerasfg.losses.per_class import one_hot_rows


def balanced_class_weights(class_counts):
    """Returns weights by which all classes count the same in a sum.

    Formula:

    ```python
    weight = sum(class_counts) / (classes * class_counts)
    ```

    where `classes` is the number of those with pictures. The mean weight over
    all pictures is 1, so that learning rates stay good; that over the classes
    is larger. A class without pictures has the weight of one with one.

    Args:
        class_counts: Number of training pictures of each class, in the order of
            the labels.

    Returns:
        List of floats.

    Raises:
        ValueError: If a count is negative or not finite, or there are fewer
            than two or only zeros.

    Example:

    >>> balanced_class_weights([30, 10])
    [0.6666666666666666, 2.0]

    Reference:

    - King and Zeng, 2001, Logistic Regression in Rare Events Data, section 4.2
    """
    counts = checked_numbers("class_counts", class_counts)
    per_class = sum(counts) / sum(count > 0 for count in counts)
    return [per_class / (count or 1.0) for count in counts]


@keras.saving.register_keras_serializable(package="kerasfg")
class ClassWeightedCrossentropy(keras.losses.CategoricalCrossentropy):
    """Cross-entropy with a weight for each class.

    Formula:

    ```python
    loss = -class_weights[y_true] * log(softmax(y_pred)[y_true])
    ```

    It is what `model.fit(class_weight=...)` does to the compiled loss, with two
    differences: it also works where Keras refuses `class_weight`, as with
    targets that are dictionaries, and only this loss is weighted, not the
    metrics of the training nor other terms. The mean is over the number of
    pictures of a batch, not the sum of their weights, so that parts of a batch
    on several devices add up to the loss of the whole.

    Args:
        class_weights: Non-negative weight of each class, in the order of the
            labels, such as from `balanced_class_weights`.
        label_smoothing: Share of the target that is spread over all classes, in
            `[0, 1]`; the weight is that of the target before. Defaults to
            `0.0`.
        reduction: See `keras.losses.Loss`. Defaults to `"sum_over_batch_size"`.
        name: Name of the loss. Defaults to `"class_weighted_crossentropy"`.
        dtype: See `keras.losses.Loss`. Defaults to `None`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`, or rows
            `(batch, classes)`, whose weight is the mean of the weights by
            their values.
        y_pred: Logits of shape `(batch, classes)`, not probabilities.
        sample_weight: Shape `(batch,)`, a further factor. Defaults to `None`.

    Raises:
        ValueError: If a weight is negative or not finite, there are fewer than
            two or only zeros, or the logits are of another number of classes.

    Example:

    >>> loss = ClassWeightedCrossentropy(class_weights=[1.0, 3.0])
    >>> equal = ops.zeros((1, 2))
    >>> round(float(loss(ops.array([1]), equal)), 4)  # 3 * log(2)
    2.0794
    """

    def __init__(
        self,
        class_weights,
        label_smoothing=0.0,
        reduction="sum_over_batch_size",
        name="class_weighted_crossentropy",
        dtype=None,
    ):
        weights = checked_numbers("class_weights", class_weights)
        super().__init__(
            from_logits=True,
            label_smoothing=label_smoothing,
            reduction=reduction,
            name=name,
            dtype=dtype,
        )
        self.class_weights = weights

    def call(self, y_true, y_pred):
        rows = one_hot_rows(y_true, y_pred, len(self.class_weights))
        weights = ops.array(self.class_weights, self.dtype)
        return ops.sum(rows * weights, axis=-1) * super().call(rows, y_pred)

    def get_config(self):
        config = super().get_config()
        del config["from_logits"], config["axis"]
        return {**config, "class_weights": list(self.class_weights)}
