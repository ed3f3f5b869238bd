"""TermWatch: warns of terms that harm a training or have no effect."""

import warnings

import keras

MEASURES = ("feature_norm", "feature_spread")


class TermWatch(keras.callbacks.Callback):
    """Warns once if features collapse, and once if pairs are missing.

    It reads the metrics of a `FineGrainedClassifier` with terms, and does
    nothing in a training without them. It warns

    - at the end of an epoch, if the norm or the spread of the features,
      averaged over the epoch, is below `collapsed` times that of the first
      step (or of the first steps, with `steps_per_execution`): classes then
      become indistinguishable, since a term pulls too hard;
    - after `steps` steps, or the first epoch if that is shorter, if a batch
      holds less than one pair of pictures of the same class on average, so
      that the class variance has nothing to pull together.

    Training by a recipe uses it already; in a script, pass it to `fit`.

    Args:
        collapsed: Share of the first step's norm and spread, in `(0, 1)`.
            Defaults to `0.1`.
        steps: Number of steps over which pairs are counted, at least 1.
            Defaults to `20`.

    Raises:
        ValueError: If an argument is out of its range.

    Example:

    >>> import kerasfg
    >>> images = keras.Input((8, 8, 3))
    >>> backbone = keras.Model(images, keras.layers.Conv2D(4, 3)(images))
    >>> model = kerasfg.FineGrainedClassifier(
    ...     backbone, 3, class_variance=kerasfg.losses.ClassVariance()
    ... )
    >>> model.compile("sgd", "sparse_categorical_crossentropy")
    >>> x, y = keras.ops.ones((6, 8, 8, 3)), keras.ops.arange(6) // 2
    >>> history = model.fit(x, y, verbose=0, callbacks=[TermWatch()])
    """

    async_safe = True  # Keras need not wait for each step's metrics

    def __init__(self, collapsed=0.1, steps=20):
        if not 0 < collapsed < 1:
            raise ValueError(
                "Argument `collapsed` must be in (0, 1). "
                f"Received: collapsed={collapsed}"
            )
        if not steps >= 1:
            raise ValueError(
                f"Argument `steps` must be at least 1. Received: steps={steps}"
            )
        super().__init__()
        self.collapsed = collapsed
        self.steps = steps

    def on_train_begin(self, logs=None):
        self.first = None
        self.collapse_found = False
        self.pairs_checked = False

    def on_train_batch_end(self, batch, logs=None):
        if self.first is None:
            self.first = {
                name: float(logs[name]) for name in MEASURES if name in logs
            }
        if batch + 1 >= self.steps:  # Keras may tell of many steps at once
            self._check_pairs(logs)

    def on_epoch_end(self, epoch, logs=None):
        self._check_pairs(logs)
        for name, first in (self.first or {}).items():
            lowest = self.collapsed * first
            if logs[name] < lowest and not self.collapse_found:
                self.collapse_found = True
                self._warn_of_collapse(name, first, logs[name])

    def _warn_of_collapse(self, name, first, last):
        warnings.warn(
            f"The features are collapsing: {name} fell from {first:.3g} to "
            f"{last:.3g}, so that classes run into one another. Lower the "
            "weight of the attribute distance or the pull_weight of the class "
            "variance, and keep the reduction 'mean'.",
            stacklevel=1,
        )

    def _check_pairs(self, logs):
        if self.pairs_checked or "same_class_pairs" not in logs:
            return
        self.pairs_checked = True
        pairs = float(logs["same_class_pairs"])
        if pairs < 1:
            warnings.warn(
                f"A batch holds {pairs:.2g} pairs of the same class on "
                "average, so that the pull of the class variance does almost "
                "nothing. Take larger batches, or balanced ones, of a few "
                "classes with several pictures each: "
                "kerasfg.data.balanced_order in Python, --balanced 4 "
                "on the command line.",
                stacklevel=1,
            )
