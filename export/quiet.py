"""Silence for converters that write pages of notes to stderr."""

import contextlib
import io
import logging
import os
import sys
import tempfile
import warnings

_LOGGERS = ("absl", "tensorflow", "tf2onnx")


class _Errors(logging.Handler):
    """Keeps the messages of errors, drops everything below."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


@contextlib.contextmanager
def quiet():
    """Silences TensorFlow, MLIR, tf2onnx and the runtimes inside a `with`.

    The C++ libraries write to file descriptor 2 themselves, so that is turned
    away: what other threads write to stderr meanwhile is lost. `sys.stderr` is
    led there too, since rich, while it shows a status, leads it to the screen.
    All is as before afterwards.

    Yields:
        A list to which the Python loggers' error messages are added.
    """
    errors = _Errors()
    stderr = sys.__stderr__ or io.StringIO()
    with (
        _handled_by(errors),
        _stderr_away(stderr),
        contextlib.redirect_stderr(stderr),
        warnings.catch_warnings(),
    ):
        # TensorFlow looks up names that NumPy is about to remove.
        warnings.filterwarnings(
            "ignore", r"In the future `np\.", category=FutureWarning
        )
        yield errors.messages


@contextlib.contextmanager
def _handled_by(handler):
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(logger.handlers, logger.propagate) for logger in loggers]
    try:
        for logger in loggers:
            logger.handlers, logger.propagate = [handler], False
        yield
    finally:
        for logger, state in zip(loggers, before, strict=True):
            logger.handlers, logger.propagate = state


@contextlib.contextmanager
def _stderr_away(stream):
    try:
        stderr = os.dup(2)
    except OSError:  # a process without stderr has nothing to silence
        yield
        return
    try:
        with tempfile.TemporaryFile() as sink:
            stream.flush()
            os.dup2(sink.fileno(), 2)
            try:
                yield
            finally:
                stream.flush()
                os.dup2(stderr, 2)
    finally:
        os.close(stderr)
