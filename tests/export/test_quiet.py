import io
import logging
import os
import sys

import pytest
from rich.console import Console

from kerasfg.export.quiet import quiet


def _say(text):
    """In the three ways in which converters do."""
    os.write(2, f"{text}\n".encode())
    print(text, file=sys.stderr)
    logging.getLogger("tf2onnx").warning(text)


def test_nothing_is_heard_inside_and_all_is_afterwards(capfd):
    print("before", end="", file=sys.stderr)
    with quiet() as errors:
        _say("noise")
        logging.getLogger("absl").error("no such operator")
    print(", after", file=sys.stderr)
    assert capfd.readouterr().err == "before, after\n"
    assert errors == ["no such operator"]


def test_the_screen_of_a_status_shows_no_noise():
    """rich leads sys.stderr to it, where a progress bar of tqdm would show."""
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True)
    with console.status("Making model.tflite"):
        with quiet():
            _say("noise")
        print("ours", file=sys.stderr)
    assert "noise" not in screen.getvalue()
    assert "ours" in screen.getvalue()


def test_an_error_goes_through(capfd):
    with pytest.raises(ValueError, match="too few"):
        with quiet():
            _say("noise")
            raise ValueError("too few")
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"
