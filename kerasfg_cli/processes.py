"""`kerasfg train` in several processes."""

import contextlib
import importlib.util
import os
import sys
from typing import Annotated

import typer

from kerasfg_cli.app import error_console
from kerasfg_cli.options import has_begun
from kerasfg_cli.options import hint_at_resume
from kerasfg_cli.options import package_without_keras
from kerasfg_cli.options import quiet

MACHINES = "Several processes, which train on JAX"
SHARING = (
    "coordinator",
    "num_processes",
    "process_id",
    "distributed",
    "local_processes",
)
WORKER = "KERASFG_PROCESS"  # kerasfg.distributed.worker sets it

# Options of `kerasfg train`.
Devices = Annotated[
    int | None,
    typer.Option(
        min=1,
        rich_help_panel="Training",
        show_default="all",
        help="GPUs of a process to use.",
    ),
]
Coordinator = Annotated[
    str | None,
    typer.Option(
        rich_help_panel=MACHINES,
        metavar="<host:port>",
        help="Of process 0; the same for all.",
    ),
]
NumProcesses = Annotated[
    int | None,
    typer.Option(min=1, rich_help_panel=MACHINES, help="How many there are."),
]
ProcessId = Annotated[
    int | None,
    typer.Option(
        min=0,
        rich_help_panel=MACHINES,
        help="Which of them this is, from 0, which writes the run folder.",
    ),
]
Distributed = Annotated[
    bool,
    typer.Option(
        "--distributed",
        rich_help_panel=MACHINES,
        help="Without these three: SLURM or Kubernetes give them.",
    ),
]
LocalProcesses = Annotated[
    int | None,
    typer.Option(
        min=1,
        rich_help_panel=MACHINES,
        help="Start so many on the processors of this machine, to try it.",
    ),
]


def train_in_processes(local_processes=None, distributed=False, **place):
    """Starts and watches workers: this same command, each in its place."""
    if importlib.util.find_spec("jax") is None:
        raise ImportError(
            "Several processes train on JAX: install it by "
            "pip install 'kerasfg[jax]'"
        )
    if bool(local_processes) + distributed + bool(place) > 1:
        raise typer.BadParameter(
            "give --local-processes, or --distributed, or the three options "
            "--coordinator, --num-processes and --process-id",
        )
    package_without_keras()
    from kerasfg.distributed.join import check_place
    from kerasfg.distributed.supervisor import WorkerError
    from kerasfg.distributed.supervisor import WorkersInterrupted
    from kerasfg.distributed.supervisor import local_places
    from kerasfg.distributed.supervisor import supervise

    if place:
        values = [place.get(key) for key in SHARING[:3]]
        check_place(*values)
        places = [values]
    else:
        places = [[None] * 3]
    if local_processes:
        places = local_places(local_processes)
    command = [sys.executable, "-P", "-m", "kerasfg_cli", *sys.argv[1:]]
    everything = bool(os.environ.get("KERASFG_TRACEBACK"))
    try:
        supervise(command, places, bool(local_processes), _relay, everything)
    except WorkersInterrupted as interrupted:
        hint_at_resume(interrupted.run)
        raise
    except WorkerError as error:
        if has_begun(error.run):
            raise ChildProcessError(
                f"{error}. Go on by --resume {error.run}, with as many "
                "processes or others"
            ) from None
        raise


def _relay(line):
    error_console.print(line, markup=False)


def become_worker():
    """Takes this process's place among the others, and says which it is."""
    with quiet():
        from kerasfg.distributed import worker
    return worker.become_worker()


@contextlib.contextmanager
def told(out, sharing):
    """Tells the supervisor, if there is one, of the run folder."""
    if not sharing:
        yield
        return
    from kerasfg.distributed import worker
    from kerasfg.distributed.join import in_one_line

    worker.tell(f"{worker.RUN}{out}")
    with in_one_line():
        yield
