"""Makes dropout independent of earlier epochs."""

import keras
import numpy as np


class EpochSeeds(keras.callbacks.Callback):
    """Sets the random state of every layer at the start of each epoch.

    The random state of dropout is in no checkpoint. With this callback,
    dropout is a function of (seed, epoch, step), so that a resumed training
    gives the same weights as one without interruption.

    Args:
        seed: Non-negative int.
    """

    def __init__(self, seed):
        super().__init__()
        self.seed = seed

    def on_epoch_begin(self, epoch, logs=None):
        states = [
            variable
            for variable in self.model.variables
            if variable.path.endswith("seed_generator_state")
        ]
        sequence = np.random.SeedSequence([self.seed, epoch])
        drawn = sequence.generate_state(2 * max(len(states), 1)) >> 1
        for state, value in zip(states, drawn.reshape(-1, 2), strict=False):
            state.assign(value.astype(state.dtype))
