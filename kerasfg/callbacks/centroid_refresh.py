"""CentroidRefresh: sets centroids to the means of the training set."""

from __future__ import annotations

import time
from collections.abc import Iterable

import keras
import numpy as np
from rich.console import Console

from kerasfg.distributed.processes import SINGLE_PROCESS
from kerasfg.distributed.processes import Processes


class CentroidRefresh(keras.callbacks.Callback):
    """Sets the centroids to the means of a data set before each epoch.

    For `AttributeCentroids(update="exact")`, Eq. 3 of paper 1: the mean over
    all training samples, at the weights that the epoch begins with. The
    features are those of inference, with moving statistics of batch
    normalization and without dropout. The time of the pass over the data is
    printed.

    The model must have a functional model `network` with the output
    `"features"`, the layer `centroids`, and a method `attribute_values(y)`
    from a target of `fit` to integers `(batch, attributes)`.

    Args:
        dataset: Batches `(images, labels)` or `(images, labels,
            sample_weight)`, usually the training data without augmentation,
            not repeated. It is read at each epoch, so it is no generator.
        console: `rich.console.Console` to print to; `None` prints to the
            standard output. Defaults to `None`.
        processes: The `Processes` that share the training. Each reads the
            whole dataset, and the sums of the leading one are used. Defaults
            to `SINGLE_PROCESS`.

    Raises:
        ValueError: In `fit`, if the dataset is infinite or gives nothing.
    """

    def __init__(
        self,
        dataset: Iterable,
        console: Console | None = None,
        processes: Processes = SINGLE_PROCESS,
    ):
        super().__init__()
        self.dataset = dataset
        self.console = console or Console()
        self.processes = processes
        self.made_for = self.extractor = None

    def on_train_begin(self, logs=None):
        network = self.model.network
        made_for = (network, len(network.trainable_weights))
        if made_for != self.made_for:  # trace only a new network
            self.made_for = made_for
            self.extractor = keras.Model(
                network.inputs, network.output["features"]
            )

    def on_epoch_begin(self, epoch, logs=None):
        _check_finite(self.dataset)
        start = time.perf_counter()
        layer, sums, counts = self.model.centroids, None, None
        with self.console.status("Computing the means of the training set"):
            for batch in self.dataset:
                added = self._statistics(batch)
                if sums is None:
                    sums, counts = added
                else:
                    sums, counts = sums + added[0], counts + added[1]
        if sums is None:
            raise ValueError(
                "CentroidRefresh reads its dataset at each epoch, and this one "
                "gave nothing. Pass one that can be read again, not a "
                f"generator. Received: {type(self.dataset).__name__}, in epoch "
                f"{epoch + 1}"
            )
        sums, counts = (self._of_the_leader(part) for part in (sums, counts))
        means = sums / np.maximum(counts, 1)[:, None]
        layer.set_means(means, counts)
        seconds = time.perf_counter() - start
        self.console.print(
            f"Centroids: means of the training set computed in {seconds:.1f} s",
            highlight=False,
        )

    def _statistics(self, batch):
        # tf.data gives tensors of TensorFlow, whatever the backend is
        batch = keras.tree.map_structure(np.asarray, batch)
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(batch)
        values = self.model.attribute_values(y)
        # A strategy gives the batch to each replica, one after the other.
        features = self.extractor.predict_on_batch(x)[: values.shape[0]]
        of_batch = self.model.centroids.statistics(
            features, values, sample_weight
        )
        return [np.array(part, "float64") for part in of_batch]

    def _of_the_leader(self, array):
        """Returns the leading process's array in all processes."""
        content = self.processes.share(array.tobytes())
        return np.frombuffer(content, array.dtype).reshape(array.shape)


def _check_finite(dataset):
    cardinality = getattr(dataset, "cardinality", None)
    if cardinality is not None and int(cardinality()) == -1:
        raise ValueError(
            "CentroidRefresh reads its whole dataset at each epoch, and this "
            "one is infinite. Pass it without `.repeat()`."
        )
