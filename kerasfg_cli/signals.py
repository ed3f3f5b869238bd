"""Ends a command at SIGTERM and SIGHUP as at Ctrl-C, after cleaning up."""

import os
import signal
import sys
import time

# Seconds after a signal in which others do not interrupt the clean-up.
_TIDYING = 5


class Terminated(KeyboardInterrupt):
    """The process was asked to end.

    Attributes:
        number: The signal.
    """

    def __init__(self, number):
        super().__init__()
        self.number = number


def end_tidily():
    """Makes the signals that ask this process to end raise `Terminated`."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Not where it is ignored on purpose, as by nohup.
        if number and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _Raising())


def end_by(number):
    """Ends this process by a signal, so that its parent sees which."""
    sys.stdout.flush()
    sys.stderr.write(f"Ended by {signal.Signals(number).name}.\n")
    sys.stderr.flush()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


class _Raising:
    """Raises `Terminated`.

    Python drops what is raised while it runs a destructor or a callback of C
    code; so a later signal raises it again.
    """

    def __init__(self):
        self._last = -_TIDYING

    def __call__(self, number, frame):
        now = time.monotonic()
        if now - self._last >= _TIDYING:
            self._last = now
            raise Terminated(number)
