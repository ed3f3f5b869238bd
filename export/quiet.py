"""Silences converters that write a lot to stderr."""

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

    The C++ libraries write to file descriptor 2, so it is redirected: the
    output of other threads to stderr is lost, too. `sys.stderr` is redirected
    as well, since rich replaces it while it shows a status. Both are restored
    at the end.

    Yields:
        A list to which the Python loggers' error messages are added.
    """
    errors = _Errors()
    stderr = sys.__stderr__ or io.StringIO()
    with (
        _handled_by(errors),
        _without_stderr(stderr),
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
def _without_stderr(stream):
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
