"""Warns of a training in which the extra terms do harm or nothing."""

import warnings

import keras

COLLAPSED = 0.1
MEASURES = ("feature_norm", "feature_spread")
STEPS = 20


def with_term_watch(callbacks):
    """Adds a `TermWatch` to what `fit` was given as callbacks."""
    if isinstance(callbacks, keras.callbacks.CallbackList):
        return callbacks  # made by hand, and complete
    return [*keras.tree.flatten(callbacks or []), TermWatch()]


class TermWatch(keras.callbacks.Callback):
    """Warns once where features collapse or pairs are missing.

    The features have collapsed where their norm or their spread over an epoch
    is below a tenth of that of the first step. Pairs are missing where the
    first steps hold less than one pair of the same class on average.
    """

    async_safe = True  # Keras need not wait for each step's metrics

    def on_train_begin(self, logs=None):
        self.first = None
        self.collapsed = False
        self.pairs_checked = False

    def on_train_batch_end(self, batch, logs=None):
        if self.first is None:
            self.first = {
                name: float(logs[name]) for name in MEASURES if name in logs
            }
        if batch + 1 == STEPS:
            self._check_pairs(logs)

    def on_epoch_end(self, epoch, logs=None):
        self._check_pairs(logs)
        for name, first in (self.first or {}).items():
            if logs[name] < COLLAPSED * first and not self.collapsed:
                self.collapsed = True
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
