"""Warns of a training in which the extra terms do harm or nothing."""

import warnings

import keras

COLLAPSED = 0.05
STEPS = 20


def with_term_watch(callbacks):
    """Adds a `TermWatch` to what `fit` was given as callbacks."""
    if isinstance(callbacks, keras.callbacks.CallbackList):
        return callbacks  # made by hand, and complete
    return [*keras.tree.flatten(callbacks or []), TermWatch()]


class TermWatch(keras.callbacks.Callback):
    """Warns once where features collapse or pairs are missing.

    The features have collapsed where their mean norm over an epoch is below
    a twentieth of that of the first step. Pairs are missing where the first
    steps hold less than one pair of the same class on average.
    """

    async_safe = True  # Keras need not wait for each step's metrics

    def on_train_begin(self, logs=None):
        self.first_norm = None
        self.collapsed = False
        self.pairs_checked = False

    def on_train_batch_end(self, batch, logs=None):
        if self.first_norm is None:
            self.first_norm = float(logs.get("feature_norm", 0.0))
        if batch + 1 == STEPS:
            self._check_pairs(logs)

    def on_epoch_end(self, epoch, logs=None):
        self._check_pairs(logs)
        norm = logs.get("feature_norm", self.first_norm)
        if norm < COLLAPSED * self.first_norm and not self.collapsed:
            self.collapsed = True
            warnings.warn(
                "The features have collapsed: their mean norm fell from "
                f"{self.first_norm:.3g} to {norm:.3g}, so that classes run "
                "into one another. Lower the weight of the attribute distance "
                "or the pull_weight of the class variance, and keep the "
                "reduction 'mean'.",
                stacklevel=2,
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
                "kerasfg.data.balanced.balanced_order in Python, --balanced 4 "
                "on the command line.",
                stacklevel=2,
            )
