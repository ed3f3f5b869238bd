"""Training on the machines of a Ray cluster, begun again if one is lost."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Callable

from kerasfg.distributed.supervisor import WorkerError
from kerasfg.distributed.supervisor import WorkersInterrupted
from kerasfg.distributed.supervisor import leads
from kerasfg.distributed.supervisor import supervise
from kerasfg.distributed.worker import environment
from kerasfg.engines.ray_cluster import connect
from kerasfg.engines.ray_placement import check_shared
from kerasfg.engines.ray_placement import has_gpus
from kerasfg.engines.ray_placement import placed
from kerasfg.engines.ray_process import RayProcess
from kerasfg.folder_lock import check_unlocked
from kerasfg.one_line import one_line
from kerasfg.run.run_folder import RunFolder

# A training is begun again so often without an epoch between.
RESTARTS = 3
# Seconds until the lock of a process that was killed is free.
_UNLOCK = 60
# What the processes take over from the environment of this one.
_VARIABLES = ("KERAS", "JAX_", "XLA_", "TF_CPP_", "PYTHONUNBUFFERED")


@dataclasses.dataclass(frozen=True)
class RayTraining:
    """A training in processes that Ray places on the machines of a cluster.

    Each process has a processor for itself, in a cluster with GPUs also a GPU,
    and as many machines are used as there are. They train together as those
    of `--coordinator` do. If a process or a machine is lost, the others are
    ended, and the training goes on from its last finished epoch as soon as the
    cluster has what it needs: at most three times without an epoch between.

    Args:
        command: Function that returns the arguments of Python for a process,
            which calls `kerasfg.distributed.worker.become_worker`. It is given
            whether the run folder has a recipe, and must be resumed.
        run: The run folder, on a disk that all machines share under the same
            path, as they do the current folder.
        workers: Number of processes, at least 1.
        address: See `kerasfg.engines.ray_cluster.connect`. Defaults to `None`.
        print_line: Function that prints a line about what happens. Defaults to
            `print`.
        show_all: Whether to print every line of the processes' stderr.
            Defaults to `False`.
    """

    command: Callable[[bool], list[str]]
    run: str | os.PathLike[str]
    workers: int
    address: str | None = None
    print_line: Callable[[str], None] = print
    show_all: bool = False

    def train(self) -> None:
        """Trains until the end; process 0 writes to the standard output here.

        Raises:
            ImportError: If Ray is not installed.
            ConnectionError: If the cluster fails, or stays too small for ten
                minutes.
            ValueError: If no cluster answers at the address, the machine is
                too small, or those of the cluster do not share a disk.
            WorkerError: If a process fails by an error of its own, or if too
                many were lost.
            WorkersInterrupted: At a `KeyboardInterrupt`.
        """
        try:
            with connect(self.address) as ray:
                try:
                    self._train_to_the_end(ray)
                except ray.exceptions.RayError as error:
                    raise ConnectionError(
                        f"The cluster of Ray fails: {one_line(error)}"
                    ) from error
        except WorkersInterrupted:
            raise
        except KeyboardInterrupt:
            raise WorkersInterrupted(str(self.run)) from None

    def _train_to_the_end(self, ray):
        # Asked once: where GPUs are lost, it waits for others.
        gpus, lost = has_gpus(ray), 0
        while True:
            before = self._progress()
            try:
                self._train_once(ray, gpus)
                return
            except WorkerError as error:
                lost = lost + 1 if self._progress() == before else 1
                if not error.lost:
                    raise
                if lost > RESTARTS:
                    text = f"{error}, for the {lost}th time without an epoch"
                    raise WorkerError(text, str(self.run), True) from None
                self.print_line(
                    f"{error}: the training goes on after its last finished "
                    f"epoch (restart {lost} of at most {RESTARTS} without an "
                    "epoch between)."
                )
            self._wait_until_unlocked()

    def _train_once(self, ray, gpus):
        given = self.workers, gpus, self.address is not None, self.print_line
        with placed(ray, *given) as actors:
            run, count = RunFolder(self.run), self.workers
            try:
                check_shared(ray, actors, run.path)
                address = ray.get(actors[0].place.remote())
            except ray.exceptions.RayActorError as error:
                text = f"A machine was lost: {one_line(error)}"
                raise WorkerError(text, str(self.run), True) from error
            supervise(
                self.command(run.recipe.is_file()),
                [[address, count, index] for index in range(count)],
                not gpus,
                self.print_line,
                self.show_all,
                _starter(ray, actors),
            )

    def _progress(self):
        """Returns what changes with each finished epoch."""
        with contextlib.suppress(OSError):
            return RunFolder(self.run).checkpoint.stat().st_mtime_ns
        return None

    def _wait_until_unlocked(self):
        """Waits for the end of the process that had the run folder."""
        end = time.monotonic() + _UNLOCK
        while time.monotonic() < end:
            with contextlib.suppress(ValueError):
                check_unlocked(self.run)
                return
            time.sleep(0.5)


def _starter(ray, actors):
    """Returns a function that `supervise` calls to start a process."""

    def start(command, place, local):
        variables = {
            name: value
            for name, value in environment(place, local).items()
            if name.startswith(_VARIABLES)
        }
        # It listens at this address alone.
        variables["JAX_COORDINATOR_BIND_ADDRESS"] = place[0]
        actor, shows = actors[place[2]], leads(place)
        given = command, variables, os.getcwd(), shows
        return RayProcess(ray, actor, *given)

    return start
