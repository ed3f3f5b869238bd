"""A command that is asked to end."""

import os
import signal

import pytest

from kerasfg_cli import signals


@pytest.fixture
def clock(monkeypatch):
    """Seconds that a test sets, and the handler of SIGTERM."""
    seconds = [0.0]
    monkeypatch.setattr(signals.time, "monotonic", lambda: seconds[0])
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signals.end_tidily()
    yield seconds
    signal.signal(signal.SIGTERM, before)


def ask():
    os.kill(os.getpid(), signal.SIGTERM)


def test_the_tidying_is_not_interrupted(clock):
    with pytest.raises(signals.Terminated) as info:
        ask()
    assert info.value.number == signal.SIGTERM
    clock[0] = 4.9
    ask()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_that_was_lost_can_be_sent_again(clock):
    class Dropped:
        def __del__(self):
            ask()  # Python drops what is raised here

    Dropped()
    clock[0] = 5.0
    with pytest.raises(signals.Terminated):
        ask()
