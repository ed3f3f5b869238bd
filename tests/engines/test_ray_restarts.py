"""When a training on Ray is begun again; without Ray."""

import contextlib
import os
import signal
import types

import pytest

from kerasfg.child_process import LOST
from kerasfg.child_process import how_it_ended
from kerasfg.distributed.supervisor import WorkerError
from kerasfg.distributed.supervisor import WorkersInterrupted
from kerasfg.engines import ray_training
from kerasfg.engines.ray_child import Child
from kerasfg.engines.ray_process import RayProcess


class RayError(Exception):
    """Stands for the error of Ray."""


class TaskError(RayError):
    """Stands for `RayTaskError`."""


ERRORS = types.SimpleNamespace(RayError=RayError, RayTaskError=TaskError)


@pytest.fixture
def training(monkeypatch, tmp_path):
    """A function of what each start does; it returns the lines printed."""
    stand_in = types.SimpleNamespace(exceptions=ERRORS, cluster_resources=dict)
    monkeypatch.setattr(
        ray_training, "connect", lambda _: contextlib.nullcontext(stand_in)
    )

    def run(*starts):
        left, printed = list(starts), []
        monkeypatch.setattr(
            ray_training.RayTraining,
            "_train_once",
            lambda self, ray, gpus: left.pop(0)(tmp_path),
        )
        given = list, tmp_path, 2, None, printed.append
        ray_training.RayTraining(*given).train()
        assert left == []
        return printed

    return run


def lose(run):
    raise WorkerError("Process 1 of 2 was killed by SIGKILL", str(run), True)


def lose_after_an_epoch(run):
    number = len(list(run.iterdir()))
    (run / "checkpoint.npz").write_text("")
    os.utime(run / "checkpoint.npz", (number, number))
    (run / str(number)).touch()
    lose(run)


def fail(run):
    raise WorkerError("Too few pictures", str(run), False)


def end(run):
    pass


def test_goes_on_where_a_process_was_lost(training):
    (line,) = training(lose, end)
    assert line.startswith("Process 1 of 2 was killed by SIGKILL: the train")
    assert "(restart 1 of at most 3 without" in line


def test_gives_up_after_some_times(training):
    with pytest.raises(WorkerError, match="SIGKILL, for the 4th time"):
        training(lose, lose, lose, lose)


def test_losses_with_an_epoch_between_do_not_add_up(training):
    lines = training(*[lose_after_an_epoch] * 6, end)
    assert len(lines) == 6
    assert all("(restart 1 of" in line for line in lines)


def test_an_error_of_its_own_ends_it(training):
    with pytest.raises(WorkerError, match="^Too few pictures$"):
        training(fail)


def test_an_error_of_ray_is_one_line(training):
    def break_down(run):
        raise RayError("The actor\n  died.")

    with pytest.raises(ConnectionError, match=r"Ray fails: The actor died\.$"):
        training(break_down)


def test_ctrl_c_tells_the_run(training, tmp_path):
    def interrupt(run):
        raise KeyboardInterrupt

    with pytest.raises(WorkersInterrupted) as caught:
        training(interrupt)
    assert caught.value.run == str(tmp_path)


def test_a_child_gives_its_output_and_its_code(tmp_path):
    script = (
        "import os, sys; print(os.getcwd(), os.environ['A'], flush=True);"
        "print('alas', file=sys.stderr); sys.exit(3)"
    )
    given = ["-c", script], {"A": "b"}, str(tmp_path)
    *output, end = Child().run(*given, True)
    assert end == ("code", 3)
    shown = {key: b"" for key in ("stdout", "stderr")}
    for key, content in output:
        shown[key] += content
    assert shown["stdout"].decode() == f"{tmp_path} b\n"
    assert shown["stderr"] == b"alas\n"
    assert "stdout" not in dict(Child().run(*given, False))


def test_a_machine_says_what_it_does_not_see(tmp_path):
    file = tmp_path / "marker"
    file.write_text("1")
    given = str(tmp_path), str(file)
    assert Child().misses(*given, "1") is None
    assert Child().misses(*given, "2") == str(file)
    absent = str(tmp_path / "absent")
    assert Child().misses(str(tmp_path), absent, "1") == absent
    assert Child().misses(absent, str(file), "1") == absent


def process(output):
    """A `RayProcess` whose actor gives this output."""

    def results(*given):
        for each in output:
            if isinstance(each, Exception):
                raise each
            yield each

    run = types.SimpleNamespace(remote=results)
    run.options = lambda **options: run
    ray = types.SimpleNamespace(get=lambda each: each, exceptions=ERRORS)
    return RayProcess(ray, types.SimpleNamespace(run=run), [], {}, "", True)


def test_a_process_is_used_as_one_of_this_machine(capsys):
    found = process(
        [
            ("stdout", "one ä".encode()[:-1]),
            ("stdout", "ä".encode()[1:] + b"\ntwo"),
            ("stderr", b"Run: here\n"),
            ("stdout", b"\n"),
            ("code", -signal.SIGKILL),
        ]
    )
    with found.stderr as stderr:
        assert stderr.read() == "Run: here\n"
    assert how_it_ended(found) == "was killed by SIGKILL"
    assert capsys.readouterr().out == "one ä\ntwo\n"


def test_what_cannot_be_started_says_why():
    error = TaskError()
    error.cause = FileNotFoundError("No such folder")
    found = process([error])
    with found.stderr as stderr:
        assert stderr.read() == "No such folder\n"
    assert found.wait() == 1


def test_a_machine_that_is_gone_is_named():
    found = process([("stderr", b"one\n"), RayError()])
    with found.stderr as stderr:
        assert stderr.read() == "one\n"
    assert found.wait() == found.poll() == LOST
    assert how_it_ended(found).startswith("is out of reach: its machine is ")
