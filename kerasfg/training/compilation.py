"""Shows a status line during compilation."""

import keras
from rich.console import Console

_TEXT = "Compiling the first step, which may take a minute"


class CompilationStatus(keras.callbacks.Callback):
    """Shows a status line until `fit` has compiled and run its first step.

    A terminal shows the line only meanwhile; otherwise it is printed.

    Args:
        console: `rich.console.Console` to print to. Defaults to `None`: the
            standard output, like the progress of Keras.
    """

    def __init__(self, console=None):
        super().__init__()
        self.console = console or Console()

    def on_train_begin(self, logs=None):
        step = self.model.train_function

        # An error would skip `on_train_batch_end`, and the line would stay.
        def first_step(*args):
            self.model.train_function = step
            if not self.console.is_terminal:
                self.console.print(_TEXT)
            with self.console.status(_TEXT):
                return step(*args)

        self.model.train_function = first_step
