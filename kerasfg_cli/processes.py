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
from kerasfg_cli.options import register_bare_package
from kerasfg_cli.options import without_stderr
from kerasfg_cli.text import visible

MACHINES = "Several processes, which train on JAX"
SHARING = (
    "coordinator",
    "num_processes",
    "process_id",
    "distributed",
    "local_processes",
)

# Options of `kerasfg train`.
Devices = Annotated[
    int | None,
    typer.Option(
        min=1,
        rich_help_panel="Training",
        show_default="all",
        help="Number of GPUs that a process uses.",
    ),
]
Coordinator = Annotated[
    str | None,
    typer.Option(
        rich_help_panel=MACHINES,
        metavar="<host:port>",
        help="Address of process 0.",
    ),
]
NumProcesses = Annotated[
    int | None,
    typer.Option(min=1, rich_help_panel=MACHINES, help="Number of processes."),
]
ProcessId = Annotated[
    int | None,
    typer.Option(
        min=0,
        rich_help_panel=MACHINES,
        help="Number of this process; process 0 writes the run folder.",
    ),
]
Distributed = Annotated[
    bool,
    typer.Option(
        "--distributed",
        rich_help_panel=MACHINES,
        help="Take the three options above from SLURM or Kubernetes.",
    ),
]
LocalProcesses = Annotated[
    int | None,
    typer.Option(
        min=1,
        rich_help_panel=MACHINES,
        help="Number of processes to start on this machine's CPU.",
    ),
]


def train_in_processes(local_processes=None, distributed=False, **place):
    """Starts workers, which run this same command, and waits for them."""
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
    register_bare_package()
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
    show_all = bool(os.environ.get("KERASFG_TRACEBACK"))
    try:
        supervise(command, places, bool(local_processes), _print_line, show_all)
    except WorkersInterrupted as interrupted:
        hint_at_resume(interrupted.run)
        raise
    except WorkerError as error:
        if has_begun(error.run):
            raise ChildProcessError(
                f"{error}. Resume it by --resume {error.run}, with any number "
                "of processes"
            ) from None
        raise


def _print_line(line):
    error_console.print(visible(line), markup=False)


def become_worker():
    """Joins the other processes; returns this one's `Processes`."""
    with without_stderr():
        from kerasfg.distributed import worker
    return worker.become_worker()


@contextlib.contextmanager
def reporting_run_folder(out, sharing):
    """Sends the name of the run folder to the supervisor, if there is one."""
    if not sharing:
        yield
        return
    from kerasfg.distributed import worker
    from kerasfg.distributed.join import short_jax_errors

    worker.send(f"{worker.RUN}{out}")
    with short_jax_errors():
        yield
