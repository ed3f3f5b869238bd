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
    "workers",
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
Workers = Annotated[
    int | None,
    typer.Option(
        min=1,
        rich_help_panel=MACHINES,
        help="Number of processes to start on the machines of a Ray cluster, "
        "with `--engine ray`. Each uses a CPU core, or a GPU if there are any; "
        "if one is lost, the training is resumed automatically.",
    ),
]


def check_ways(engine, sharing):
    """Checks that at most one way to start several processes is given."""
    ways = ["local_processes", "distributed", "workers"]
    named = sum(way in sharing for way in ways)
    if named + any(key in sharing for key in SHARING[:3]) > 1:
        raise typer.BadParameter(
            "give --local-processes, or --distributed, or --workers, or the "
            "three options --coordinator, --num-processes and --process-id",
        )
    if "workers" in sharing and engine is None:
        raise typer.BadParameter(
            "they are placed by Ray: add --engine ray, or take "
            "--local-processes for processes of this machine",
            param_hint="--workers",
        )


def train_in_processes(local_processes=None, distributed=False, **place):
    """Starts workers, which run this same command, and waits for them."""
    check_jax()
    register_bare_package()
    from kerasfg.distributed.join import check_place
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
    with hinting_at_resume():
        supervise(
            command, places, bool(local_processes), print_line, shows_all()
        )


def check_jax():
    """Raises `ImportError` if JAX is not installed."""
    if importlib.util.find_spec("jax") is None:
        raise ImportError(
            "Several processes train on JAX: install it by "
            "pip install 'kerasfg[jax]'"
        )


@contextlib.contextmanager
def hinting_at_resume():
    """Adds how to resume to the error of a worker, and to Ctrl-C."""
    from kerasfg.distributed.supervisor import WorkerError
    from kerasfg.distributed.supervisor import WorkersInterrupted

    try:
        yield
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


def shows_all():
    """Returns whether all output of workers is wanted, such as tracebacks."""
    return bool(os.environ.get("KERASFG_TRACEBACK"))


def print_line(line):
    """Prints a line of a worker, or about one."""
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
