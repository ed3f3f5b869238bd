"""Workers that do nothing but what a supervisor must cope with."""

import os
import signal
import sys
import time

import pytest

from kerasfg.distributed import supervisor
from kerasfg.distributed.join import LOST
from kerasfg.distributed.supervisor import WorkerError
from kerasfg.distributed.supervisor import WorkersInterrupted
from kerasfg.distributed.supervisor import local_places
from kerasfg.distributed.supervisor import supervise
from kerasfg.distributed.worker import RUN

START = """
import json, os, signal, sys, time
_, count, index = json.loads(os.environ["KERASFG_PROCESS"])
def tell(line):
    print(line, file=sys.stderr, flush=True)
"""
NEVER = "\nsys.stdin.read()"  # or until the supervisor ends


@pytest.fixture
def said():
    return []


@pytest.fixture
def workers(said):
    """A function that supervises two workers that run a script."""

    def run(script, show_all=False):
        command = [sys.executable, "-P", "-c", START + script]
        places = local_places(2)
        supervise(command, places, True, said.append, show_all)

    return run


def test_ends_when_all_have_ended(workers):
    start = time.monotonic()
    workers("time.sleep(0.3 * index)")
    assert time.monotonic() - start >= 0.3


def test_each_worker_is_told_its_place_and_its_backend(workers, tmp_path):
    workers(
        f"with open(f'{tmp_path}/{{index}}', 'w') as file:\n"
        "    keys = 'KERASFG_PROCESS', 'KERAS_BACKEND', 'JAX_PLATFORMS'\n"
        "    print(*[os.environ[key] for key in keys], file=file)"
    )
    places = [(tmp_path / str(index)).read_text() for index in (0, 1)]
    for index, place in enumerate(places):
        assert place.startswith('["127.0.0.1:')
        assert place.endswith(f"2, {index}] jax cpu\n")


def test_only_warnings_of_the_first_are_relayed(workers, said):
    workers("tell(f'Warning: {index}'); tell('E0000 noise')")
    assert said == ["Warning: 0"]


def test_all_is_relayed_on_demand(workers, said):
    workers("tell(f'noise of {index}')", show_all=True)
    assert sorted(said) == ["noise of 0", "noise of 1"]


def test_a_killed_worker_ends_the_others_with_its_name(workers, tmp_path):
    script = f"""
with open(f"{tmp_path}/pid-{{index}}", "w") as file:
    file.write(str(os.getpid()))
tell("Run: runs/birds")
if index == 1:
    os.kill(os.getpid(), signal.SIGKILL)
"""
    with pytest.raises(WorkerError) as caught:
        workers(script + NEVER)
    assert str(caught.value) == "Process 1 of 2 was killed by SIGKILL"
    assert caught.value.run == "runs/birds"
    assert caught.value.lost
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid-0").read_text()), 0)


def test_an_error_is_given_at_once_though_its_process_waits(workers):
    script = "tell(f'Error: Too few pictures, says {index}.') if index else 0"
    with pytest.raises(WorkerError, match=r"^Too few pict.* 1\.$") as caught:
        workers(script + NEVER)
    assert not caught.value.lost


def test_the_cause_is_named_and_not_what_follows_from_it(workers):
    script = f"""
if index == 0:
    tell("Error: {LOST} could not go on together")
else:
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGTERM)
"""
    with pytest.raises(WorkerError, match="Process 1 of 2 was killed by SIGT"):
        workers(script + NEVER)


@pytest.mark.parametrize(
    ("joined", "message"),
    [(False, "did not find all others by"), (True, "lost the others")],
)
def test_an_abort_of_jax_is_put_into_words(workers, joined, message):
    script = f"tell('Joined') if {joined} else 0\nos.abort()"
    pattern = f"^Process . of 2 {message}"
    with pytest.raises(WorkerError, match=pattern) as caught:
        workers(script)
    assert caught.value.lost


def test_an_unknown_end_gives_its_last_line(workers):
    with pytest.raises(WorkerError, match=r"exit code 3: no more$") as caught:
        workers("tell('one'); tell('no more'); sys.exit(3)")
    assert not caught.value.lost


@pytest.fixture
def interruptible():
    """Ctrl-C as in a terminal: who started the tests may ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_workers_end_where_the_supervisor_is_interrupted(workers, tmp_path):
    script = f"""
with open(f"{tmp_path}/pid-{{index}}", "w") as file:
    file.write(str(os.getpid()))
if index:
    time.sleep(0.3)  # the other has written its number by now
    os.kill(os.getppid(), signal.SIGINT)
"""
    with pytest.raises(KeyboardInterrupt):
        workers(script + NEVER)
    for index in (0, 1):
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / f"pid-{index}").read_text()), 0)


def test_places_are_at_one_free_port_of_this_machine():
    places = local_places(3)
    assert [place[1:] for place in places] == [[3, 0], [3, 1], [3, 2]]
    assert len({place[0] for place in places}) == 1
    assert places[0][0].startswith("127.0.0.1:")


def test_ctrl_c_ends_all_and_tells_the_run(workers, monkeypatch, tmp_path):
    begun = tmp_path / "pid-0", tmp_path / "pid-1"

    class Clock:
        monotonic = time.monotonic

        @staticmethod
        def sleep(seconds):
            time.sleep(seconds)
            if all(file.exists() for file in begun):
                time.sleep(0.2)  # the reader may be a line behind
                raise KeyboardInterrupt

    monkeypatch.setattr(supervisor, "time", Clock)
    script = (
        f"tell('{RUN}{tmp_path}')\n"
        f"with open(f'{tmp_path}/{{index}}.tmp', 'w') as file:\n"
        "    print(os.getpid(), file=file)\n"
        f"os.rename(f'{tmp_path}/{{index}}.tmp', f'{tmp_path}/pid-{{index}}')"
    )
    with pytest.raises(WorkersInterrupted) as caught:
        workers(script + NEVER)
    assert caught.value.run == str(tmp_path)
    for file in begun:
        with pytest.raises(ProcessLookupError):
            os.kill(int(file.read_text()), 0)
