import types

import pytest

from kerasfg.training.input_wait import InputWait


@pytest.fixture(params=[1, 3])
def play(monkeypatch, request):
    """A function that plays epochs of batches, (seconds late, of work)."""
    at_once = request.param
    clock = types.SimpleNamespace(now=100.0)
    monkeypatch.setattr(
        "kerasfg.training.input_wait.time.perf_counter", lambda: clock.now
    )
    wait = InputWait(types.SimpleNamespace(ready_at=[]), at_once)
    wait.on_train_begin()

    def play(batches):
        logs = {}
        wait.on_epoch_begin(0)
        for number, (late, work) in enumerate(batches):
            wait.on_train_batch_begin(number)
            # The others of a step's batches were there earlier.
            ready = [clock.now - 1] * (at_once - 1) + [clock.now + late]
            wait.batches.ready_at += ready
            clock.now += max(late, 0) + work
            wait.on_train_batch_end(number)
        clock.now += 1.0  # validation
        wait.on_epoch_end(0, logs)
        return logs

    return play


def test_counts_what_a_step_waited_for(play):
    logs = play([(0, 0.1), (0.3, 0.1), (0.1, 0.3), (-0.1, 0.2)])
    assert logs["input_wait"] == pytest.approx(0.4 / 1.0)
    assert logs["seconds"] == pytest.approx(2.1)


def test_a_batch_that_was_ready_costs_nothing(play):
    assert play([(-0.01, 0.01)] * 5)["input_wait"] == 0


def test_the_first_step_of_a_start_compiles_and_does_not_count(play):
    assert play([(20.0, 0.1), (-1, 0.2)])["input_wait"] == 0
    logs = play([(0.1, 0.1), (-1, 0.2)])  # the second epoch
    assert logs["input_wait"] == pytest.approx(0.1 / 0.4)


def test_a_single_step_has_no_wait(play):
    assert play([(0.01, 0.01)])["input_wait"] == 0
