"""Starts processes that share a training, and ends all if one fails."""

import signal
import socket
import subprocess
import threading
import time

from kerasfg.child_process import end_child
from kerasfg.child_process import how_it_ended
from kerasfg.child_process import start_child
from kerasfg.distributed.join import FROM_ENVIRONMENT
from kerasfg.distributed.join import LOST
from kerasfg.distributed.worker import ERROR
from kerasfg.distributed.worker import JOINED
from kerasfg.distributed.worker import RUN
from kerasfg.distributed.worker import WARNING
from kerasfg.distributed.worker import environment

SETTLE = 1.0  # seconds in which those that only lost the other end, too


class WorkerError(ChildProcessError):
    """A worker failed; the message names it and the cause in one line.

    Attributes:
        run: The run folder, or `None` if it was not known yet.
        lost: Whether a process or the network was lost, so that the same
            command may succeed the next time.
    """

    def __init__(self, message, run, lost=False):
        super().__init__(message)
        self.run = run
        self.lost = lost


class WorkersInterrupted(KeyboardInterrupt):
    """Ctrl-C was pressed while workers ran.

    Attributes:
        run: See `WorkerError`.
    """

    def __init__(self, run):
        super().__init__()
        self.run = run


def start_here(command, place, local):
    """Starts a worker on this machine.

    Args:
        command: Command line of a worker, which calls `become_worker`.
        place: `[coordinator, num_processes, process_id]`.
        local: Whether all workers are on this machine.

    Returns:
        The `subprocess.Popen`, with a pipe as `stderr`.
    """
    return start_child(
        command,
        env=environment(place, local),
        stdout=None if leads(place) else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )


def leads(place):
    """Returns whether the worker at a place may be the leader."""
    return place[2] in (0, None)


def supervise(
    command, places, local, print_line, show_all=False, start=start_here
):
    """Runs a worker for each place until all have ended.

    If one of them fails, or this process ends, the others are killed.

    Args:
        command: Command line of a worker, which calls `become_worker`.
        places: List of `[coordinator, num_processes, process_id]`; the workers
            that this machine has.
        local: Whether these are all the workers.
        print_line: Function that prints a warning of process 0.
        show_all: Whether to print every line of the workers' stderr, such as
            the traceback of an error. Defaults to `False`.
        start: Function that starts a worker; see `start_here`, the default.

    Raises:
        WorkerError: If a worker fails.
        WorkersInterrupted: At a `KeyboardInterrupt`.
    """
    workers = []
    try:
        for place in places:
            process = start(command, place, local)
            workers.append(_Worker(process, place, print_line, show_all))
        while not any(worker.has_failed() for worker in workers):
            if all(worker.has_ended() for worker in workers):
                return
            time.sleep(0.05)
        _wait_a_little(workers)
        cause = min(workers, key=_Worker.rank)
        raise WorkerError(cause.failure(), workers[0].run, cause.is_lost())
    except KeyboardInterrupt:
        run = workers[0].run if workers else None
        raise WorkersInterrupted(run) from None
    finally:
        for worker in workers:
            worker.end()


def local_places(number):
    """Returns the places of processes on this machine, at a free port.

    Args:
        number: Number of processes, at least 1.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    return [[address, number, index] for index in range(number)]


def _wait_a_little(workers):
    end = time.monotonic() + SETTLE
    while time.monotonic() < end:
        if all(worker.has_ended() for worker in workers):
            break
        time.sleep(0.05)


class _Worker:
    """A process, and what its lines on stderr have reported so far."""

    def __init__(self, process, place, print_line, show_all):
        self.process = process
        self.place = place
        self.is_leader = leads(place)
        self.print_line = print_line
        self.show_all = show_all
        self.joined = False
        self.run = self.error = None
        self.last = ""
        self.reader = threading.Thread(target=self._listen, daemon=True)
        self.reader.start()

    def _listen(self):
        for line in self.process.stderr:
            line = line.rstrip("\n")
            if self.show_all or (line.startswith(WARNING) and self.is_leader):
                self.print_line(line)
            if line.startswith(ERROR):
                self.error = line.removeprefix(ERROR)
            elif line.startswith(RUN):
                self.run = line.removeprefix(RUN)
            self.joined |= line == JOINED
            self.last = line.strip() or self.last

    def has_ended(self):
        return self.process.poll() is not None

    def has_failed(self):
        # After an error JAX may wait for the others, in vain.
        return self.process.poll() or self.error is not None

    def rank(self):
        """Sort key: a root cause sorts before its consequences."""
        code = self.process.poll() or 0
        if code < 0 and code != -signal.SIGABRT:
            return 0
        if self.error and LOST not in self.error:
            return 1
        return 2 if code or self.error else 3

    def is_lost(self):
        """Returns whether it ended by no error of its own."""
        if self.error:
            return LOST in self.error
        return (self.process.poll() or 0) < 0

    def failure(self):
        """Describes in one line why it ended."""
        code = self.process.poll() or 0
        if code:
            self.reader.join(SETTLE)
        coordinator, count, index = self.place
        name = "A process" if count is None else f"Process {index} of {count}"
        if self.error:
            return self.error
        if code == -signal.SIGABRT and not self.joined:
            where = coordinator or FROM_ENVIRONMENT
            return (
                f"{name} did not find all others by the coordinator {where} "
                "in time: start them within half a minute of one another, and "
                "check that its port can be reached"
            )
        if code == -signal.SIGABRT:
            return f"{name} lost the others: one of them ended, or the network"
        what = f"{name} {how_it_ended(self.process)}"
        return what if code < 0 else f"{what}: {self.last}"

    def end(self):
        end_child(self.process)
        self.reader.join(SETTLE)
        self.process.stderr.close()
