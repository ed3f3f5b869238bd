"""Ends a command at SIGTERM and SIGHUP as at Ctrl-C, with its folders tidy."""

import os
import signal
import sys


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
            signal.signal(number, _raise)


def end_by(number):
    """Ends this process by a signal, so that its parent sees which."""
    sys.stdout.flush()
    sys.stderr.write(f"Ended by {signal.Signals(number).name}.\n")
    sys.stderr.flush()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _raise(number, frame):
    signal.signal(number, signal.SIG_IGN)  # the tidying is not interrupted
    raise Terminated(number)
