"""Cross-entropy for unequal classes: with adjusted logits."""

import math

import keras
from keras import ops

from kerasfg.losses.per_class import checked_numbers
from kerasfg.losses.per_class import one_hot_rows


@keras.saving.register_keras_serializable(package="kerasfg")
class LogitAdjustedCrossentropy(keras.losses.CategoricalCrossentropy):
    """Cross-entropy that does not favour the classes with many pictures.

    In training, each logit is raised by `tau` times the logarithm of the share
    of its class in the training pictures, so that the network itself need not
    learn how frequent the classes are. At prediction nothing is added, and a
    rare class is predicted as readily as a frequent one: with `tau=1` this is
    the loss whose best classifier has the highest mean of the accuracies of
    the classes, the balanced accuracy.

    Formula:

    ```python
    share = class_counts / sum(class_counts)
    loss = -log(softmax(y_pred + tau * log(share))[y_true])
    ```

    A class without pictures counts as if it had one: its share would have no
    logarithm, and left out of the softmax its logit would never be lowered.

    It is for pictures as they come. Batches with as many pictures of each class
    are already balanced, and so is a loss with class weights; with either of
    them, the adjustment would favour rare classes.

    Args:
        class_counts: Number of training pictures of each class, in the order of
            the labels. Only their ratios matter, but 0 counts as 1.
        tau: Non-negative strength of the adjustment; 0 is plain cross-entropy.
            Defaults to `1.0`.
        label_smoothing: Share of the target that is spread over all classes, in
            `[0, 1]`. Defaults to `0.0`.
        reduction: See `keras.losses.Loss`. Defaults to `"sum_over_batch_size"`.
        name: Name of the loss. Defaults to `"logit_adjusted_crossentropy"`.
        dtype: See `keras.losses.Loss`. Defaults to `None`.

    Call arguments:
        y_true: Integer labels of shape `(batch,)` or `(batch, 1)`, or rows
            `(batch, classes)` that are one-hot or sum to 1.
        y_pred: Logits of shape `(batch, classes)`, not probabilities.
        sample_weight: Shape `(batch,)`. Defaults to `None`.

    Raises:
        ValueError: If a count or `tau` is negative or not finite, there are
            fewer than two counts or only zeros, or the logits are of another
            number of classes.

    Example:

    >>> loss = LogitAdjustedCrossentropy(class_counts=[30, 10])
    >>> equal = ops.zeros((1, 2))
    >>> round(float(loss(ops.array([0]), equal)), 4)  # -log(3 / 4)
    0.2877
    >>> round(float(loss(ops.array([1]), equal)), 4)  # -log(1 / 4)
    1.3863

    Reference:

    - [Menon et al., 2021](https://arxiv.org/abs/2007.07314), Eq. 10
    """

    def __init__(
        self,
        class_counts,
        tau=1.0,
        label_smoothing=0.0,
        reduction="sum_over_batch_size",
        name="logit_adjusted_crossentropy",
        dtype=None,
    ):
        counts = checked_numbers("class_counts", class_counts)
        if not (math.isfinite(tau) and tau >= 0):
            raise ValueError(
                "Argument `tau` must be a finite number of at least 0. "
                f"Received: tau={tau}"
            )
        super().__init__(
            from_logits=True,
            label_smoothing=label_smoothing,
            reduction=reduction,
            name=name,
            dtype=dtype,
        )
        self.class_counts = counts
        self.tau = float(tau)
        known = [count or 1.0 for count in counts]
        total = sum(known)
        self._raised = [self.tau * math.log(count / total) for count in known]

    def call(self, y_true, y_pred):
        rows = one_hot_rows(y_true, y_pred, len(self.class_counts))
        return super().call(rows, y_pred + ops.array(self._raised, self.dtype))

    def get_config(self):
        config = super().get_config()
        del config["from_logits"], config["axis"]
        own = {"class_counts": list(self.class_counts), "tau": self.tau}
        return {**config, **own}
