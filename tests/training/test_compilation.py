import io

import keras
import numpy as np
import pytest
from rich.console import Console

from kerasfg.training.compilation import CompilationStatus


@pytest.fixture
def screen():
    return io.StringIO()


@pytest.fixture
def fit(screen):
    """A function that fits a small model, and gives it."""

    def fit(**options):
        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        x = np.zeros((6, 2), "float32")
        callback = CompilationStatus(Console(file=screen, **options))
        model.fit(x, x[:, :1], 2, epochs=2, callbacks=[callback], verbose=0)
        return model

    return fit


def test_a_file_has_one_line(fit, screen):
    fit()
    assert screen.getvalue().startswith("Compiling the first step")
    assert screen.getvalue().count("\n") == 1


def test_a_terminal_shows_it_and_clears_it(fit, screen):
    fit(force_terminal=True)
    assert "Compiling the first step" in screen.getvalue()
    assert screen.getvalue().endswith("\x1b[2K")  # the line is erased


def test_nothing_is_shown_where_the_console_is_quiet(fit, screen):
    fit(quiet=True, force_terminal=True)
    assert screen.getvalue() == ""


def test_an_error_of_the_step_ends_it(screen):
    def fail(*_):
        raise RuntimeError("no memory")

    model = keras.Sequential([keras.layers.Dense(1)])
    model.train_function = fail
    callback = CompilationStatus(Console(file=screen, force_terminal=True))
    callback.set_model(model)
    callback.on_train_begin()
    with pytest.raises(RuntimeError, match="no memory"):
        model.train_function(None)
    assert model.train_function is fail
    assert screen.getvalue().endswith("\x1b[2K")
