"""Attribute centroids: a stored mean feature for each attribute value."""

import numbers

import keras
import numpy as np
from keras import ops

from kerasfg.layers.attribute_rows import has_value
from kerasfg.layers.attribute_rows import one_column_each
from kerasfg.layers.attribute_rows import slices
from kerasfg.layers.attribute_rows import table_rows

UPDATES = ("ema", "center", "exact")


@keras.saving.register_keras_serializable(package="kerasfg")
class AttributeCentroids(keras.layers.Layer):
    """Keeps the representative feature `r(a)` of each attribute value.

    It has a table with one block of rows per attribute and one row per value.
    Given a batch, the layer returns the blocks; a row without any picture so
    far is the mean of this batch. In training it then moves the rows toward the
    batch. No gradient flows into or through the table.

    A call has three steps, which can be called separately if sums must be added
    over replicas in between:

    ```python
    sums, counts = layer.statistics(features, attribute_values, sample_weight)
    blocks = layer.blocks(sums, counts)  # for the loss of this batch
    layer.assign(sums, counts)  # moves the table
    ```

    With `n` features `f` of a row `c` in the batch, `update` is one of

    - `"exact"`: `c` is the mean of `f` over the training set, as in Eq. 3 of
      the paper. The callback `kerasfg.callbacks.CentroidRefresh` sets it by
      `set_means` before each epoch, in which it stays as it is. Training before
      that is an error;
    - `"center"`: `c = c - alpha * sum(c - f) / (1 + n)`, the rule of center
      loss, which the paper cites for Eq. 3 (its reference 33);
    - `"ema"`: `c = momentum * c + (1 - momentum) * mean(f)`, which is ours and
      costs no pass over the training set.

    A row does not change if the batch lacks its value, or if its features in
    this batch (or, with several attributes that share them, any features) are
    not finite, as may happen in half precision.

    Args:
        num_values: Number of values of the attribute, or a sequence of such
            numbers, one per attribute.
        update: See above. Defaults to `"ema"`.
        momentum: In `[0, 1)`. Defaults to `0.9`.
        alpha: In `(0, 1]`. Defaults to `0.5`.
        split_features: Whether each attribute has its own slice of the
            features. Rows then have `dim // attributes` entries, and remaining
            features at the end belong to no attribute. Defaults to `False`.
        **kwargs: Base layer keyword arguments, such as `name`. The table is
            float32 under any dtype.

    Call arguments:
        features: Shape `(batch, dim)`.
        attribute_values: Integers, shape `(batch,)` or `(batch, attributes)`.
            A number that is none of an attribute's values, such as -1, means
            unknown.
        sample_weight: Shape `(batch,)`; a sample of weight 0 is left out;
            apart from that, weights are ignored. Defaults to `None`.
        training: Whether to move the table. Defaults to `False`.

    Returns:
        List of one float32 tensor `(values, dim)` per attribute, for
        `kerasfg.losses.attribute_distance`.

    Raises:
        ValueError: If an argument is out of its range, or features have no
            defined last dimension, or fewer entries than attributes that
            share them.
        RuntimeError: In training with `update="exact"`, if no means have been
            set in this process.

    Example:

    >>> layer = AttributeCentroids(num_values=2, update="center")
    >>> features = ops.array([[0.0], [2.0], [5.0]])
    >>> blocks = layer(features, ops.array([0, 0, 1]), training=True)
    >>> blocks[0].numpy().tolist()  # at first the means of this batch
    [[1.0], [5.0]]
    >>> blocks = layer(ops.array([[4.0]]), ops.array([0]), training=True)
    >>> layer.table.numpy().tolist()  # 1 - 0.5 * (1 - 4) / (1 + 1)
    [[1.75], [5.0]]

    Reference:

    - Enhancing Fine-Grained Classification for Low Resolution Images (Singh et
      al.), Eq. 3, which is `update="exact"`
    - [Wen et al., 2016](https://doi.org/10.1007/978-3-319-46478-7_31), Eq. 4,
      for the center rule
    """

    def __init__(
        self,
        num_values,
        update="ema",
        momentum=0.9,
        alpha=0.5,
        split_features=False,
        **kwargs,
    ):
        if isinstance(num_values, numbers.Integral):
            num_values = (num_values,)
        _check_arguments(num_values, update, momentum, alpha)
        super().__init__(autocast=False, **kwargs)
        self.num_values = tuple(int(n) for n in num_values)
        self.update = update
        self.momentum = momentum
        self.alpha = alpha
        self.split_features = split_features
        self.means_were_set = False  # in this process

    def build(
        self,
        features_shape,
        attribute_values_shape=None,
        sample_weight_shape=None,
    ):
        dim = features_shape[-1]
        shares = len(self.num_values) if self.split_features else 1
        if dim is None or dim < shares:
            raise ValueError(
                "The last dimension of the features must be defined, and at "
                f"least {shares}, the attributes that share it. "
                f"Received: features_shape={features_shape}"
            )
        self.dim = dim // shares
        rows = sum(self.num_values)
        options = {
            "initializer": "zeros",
            "dtype": "float32",
            "trainable": False,
            "autocast": False,
            # Sums and counts are added over the replicas before.
            "aggregation": "only_first_replica",
        }
        self.table = self.add_weight(
            shape=(rows, self.dim), name="table", **options
        )
        # 1 for each row that has had a picture
        self.initialized = self.add_weight(
            shape=(rows,), name="initialized", **options
        )

    def call(
        self, features, attribute_values, sample_weight=None, training=False
    ):
        sums, counts = self.statistics(
            features, attribute_values, sample_weight
        )
        blocks = self.blocks(sums, counts)
        if training:
            self.assign(sums, counts)
        return blocks

    # === The steps ===

    def statistics(self, features, attribute_values, sample_weight=None):
        """Sums the features of each row, and counts them.

        Both are sums over samples, so they may be added over replicas.

        Returns:
            Float32 `sums` of shape `(rows, dim)` and `counts` of `(rows,)`,
            where `rows` is the number of values of all attributes.
        """
        sizes = self.num_values
        x = ops.stop_gradient(ops.cast(features, "float32"))
        values = one_column_each(attribute_values, len(sizes))
        if sample_weight is not None:
            weight = ops.convert_to_tensor(sample_weight)
            present = ops.not_equal(ops.reshape(weight, (-1, 1)), 0)
            x = ops.where(present, x, 0.0)
            values = ops.where(present, values, -1)
        if not self.split_features and len(sizes) > 1:
            members = ops.cast(has_value(values, sizes), "float32")
            sums = ops.matmul(ops.transpose(members), x)
            return sums, ops.sum(members, axis=0)
        rows, known = table_rows(values, sizes)
        parts = ops.where(known[..., None], slices(x, len(sizes)), 0.0)
        return tuple(
            ops.segment_sum(
                ops.reshape(numbers, (-1, *numbers.shape[2:])),
                ops.reshape(rows, (-1,)),
                num_segments=sum(sizes),
            )
            for numbers in (parts, ops.cast(known, "float32"))
        )

    def blocks(self, sums, counts):
        """Returns the centroids for the loss of this batch."""
        _, _, table = self._start(sums, counts)
        ends = np.cumsum(self.num_values)
        return [
            table[end - size : end]
            for end, size in zip(ends.tolist(), self.num_values, strict=True)
        ]

    def updated(self, sums, counts):
        """Returns the values of `table` and `initialized` after this batch."""
        present, means, table = self._start(sums, counts)
        initialized = ops.convert_to_tensor(self.initialized)
        if self.update == "exact":
            return ops.convert_to_tensor(self.table), initialized
        if self.update == "ema":
            moved = self.momentum * table + (1 - self.momentum) * means
        else:
            n = counts[:, None]
            moved = table - self.alpha * (n * table - sums) / (1 + n)
        return (
            ops.where(present[:, None], moved, table),
            ops.maximum(initialized, ops.cast(present, "float32")),
        )

    def assign(self, sums, counts):
        """Moves the table; the statistics must be those of all replicas."""
        if self.update == "exact":
            if not self.means_were_set:
                raise RuntimeError(
                    "AttributeCentroids(update='exact') takes its means from "
                    "a callback, and none has set them: add "
                    "kerasfg.callbacks.CentroidRefresh(dataset) to the "
                    "callbacks of fit, or use update='ema'."
                )
            return
        table, initialized = self.updated(sums, counts)
        self.table.assign(table)
        self.initialized.assign(initialized)

    def set_means(self, means, counts):
        """Sets the rows that have samples. Do not call it inside a step.

        Args:
            means: Shape `(rows, dim)`.
            counts: Shape `(rows,)`; a row with 0 does not change.
        """
        present = np.asarray(counts) > 0
        old_table = ops.convert_to_numpy(self.table)
        self.table.assign(
            np.where(present[:, None], np.asarray(means), old_table)
        )
        old = ops.convert_to_numpy(self.initialized)
        self.initialized.assign(np.maximum(old, present))
        self.means_were_set = True

    def _start(self, sums, counts):
        """Returns which rows the batch has, their means, and the table so far.

        A row without any picture so far starts at the mean of this batch.
        """
        present = (counts > 0) & ops.all(ops.isfinite(sums), axis=1)
        sums = ops.where(present[:, None], sums, 0.0)
        means = sums / ops.maximum(counts, 1.0)[:, None]
        new = present & (ops.convert_to_tensor(self.initialized) < 0.5)
        table = ops.convert_to_tensor(self.table)
        table = ops.where(new[:, None], means, table)
        return present, means, ops.stop_gradient(table)

    def compute_output_shape(
        self,
        features_shape,
        attribute_values_shape=None,
        sample_weight_shape=None,
    ):
        shares = len(self.num_values) if self.split_features else 1
        return [
            (size, features_shape[-1] // shares) for size in self.num_values
        ]

    def get_config(self):
        return {
            **super().get_config(),
            "num_values": list(self.num_values),
            "update": self.update,
            "momentum": self.momentum,
            "alpha": self.alpha,
            "split_features": self.split_features,
        }


def _check_arguments(num_values, update, momentum, alpha):
    if not num_values or any(n < 1 for n in num_values):
        raise ValueError(
            "Argument `num_values` must hold at least one number, all of them "
            f"positive. Received: num_values={num_values}"
        )
    if update not in UPDATES:
        raise ValueError(
            f"Argument `update` must be one of {UPDATES}. "
            f"Received: update={update!r}"
        )
    if not 0 <= momentum < 1:
        raise ValueError(
            "Argument `momentum` must be in [0, 1). "
            f"Received: momentum={momentum}"
        )
    if not 0 < alpha <= 1:
        raise ValueError(
            f"Argument `alpha` must be in (0, 1]. Received: alpha={alpha}"
        )
