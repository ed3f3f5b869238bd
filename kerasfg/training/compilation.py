"""What is going on while nothing of a training is to be seen yet."""

import keras
from rich.console import Console

_TEXT = "Compiling the first step, which may take a minute"


class CompilationStatus(keras.callbacks.Callback):
    """Shows that `fit` compiles its first step, until that step has ended.

    In a terminal it is a line that goes again, elsewhere one that stays.

    Args:
        console: `rich.console.Console` to print to. Defaults to `None`: the
            standard output, as Keras's own progress.
    """

    def __init__(self, console=None):
        super().__init__()
        self.console = console or Console()

    def on_train_begin(self, logs=None):
        step = self.model.train_function

        # Not `on_train_batch_begin` and its end, which an error would skip.
        def first_step(*args):
            self.model.train_function = step
            if not self.console.is_terminal:
                self.console.print(_TEXT)
            with self.console.status(_TEXT):
                return step(*args)

        self.model.train_function = first_step
