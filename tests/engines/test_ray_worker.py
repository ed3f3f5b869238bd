"""What a worker of Ray Data does, called here without Ray."""

import os
import pickle

import pytest

from kerasfg.data.remote.errors import Halted
from kerasfg.engines.ray_worker import worker_class


def fail(given):
    kind, text = given
    raise kind(text)


@pytest.mark.parametrize("kind", [OSError, ValueError, ImportError, Halted])
def test_an_error_that_has_a_line_comes_back_as_a_result(kind):
    functions = pickle.dumps((fail,))
    worker = worker_class()(functions, os.getcwd(), is_keras=False)
    row = worker({"item": pickle.dumps((kind, "Mend it."))})
    result = pickle.loads(row["item"])
    assert type(result) is kind
    assert str(result) == "Mend it."
    # The next worker hands it on.
    assert worker(row) == row


def test_a_mistake_in_a_program_is_shown_as_such():
    worker = worker_class()(pickle.dumps((fail,)), os.getcwd(), is_keras=False)
    with pytest.raises(RuntimeError, match="a mistake"):
        worker({"item": pickle.dumps((RuntimeError, "a mistake"))})
