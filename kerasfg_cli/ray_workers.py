"""`kerasfg train --engine ray --workers N`."""

import functools

from kerasfg_cli.options import register_bare_package
from kerasfg_cli.processes import check_jax
from kerasfg_cli.processes import hinting_at_resume
from kerasfg_cli.processes import print_line
from kerasfg_cli.processes import shows_all


def train_in_ray_workers(typed, out, workers, address, resume, more):
    """Starts this same command on the machines of a cluster, and waits for it.

    Args:
        typed: Arguments of the command line, the first of which is `train`.
        out: The run folder.
        workers: Number of processes.
        address: Address of the cluster, or `None`.
        resume: Whether the run is resumed.
        more: Options that a resumed training also takes.
    """
    check_jax()
    register_bare_package()
    from kerasfg.engines.ray_training import RayTraining
    from kerasfg.folder_lock import check_unlocked
    from kerasfg.run.run_folder import RunFolder

    check_unlocked(out)
    if not resume:  # later files belong to this training
        RunFolder(out).check_free()
    command = functools.partial(_command, typed, str(out), more)
    with hinting_at_resume():
        RayTraining(
            command, out, workers, address, print_line, shows_all()
        ).train()


def _command(typed, out, more, begun):
    """Returns the arguments of Python for a process."""
    program = ["-P", "-m", "kerasfg_cli", "train"]
    if begun:
        return [*program, "--resume", out, *more]
    return [*program, "--out", out, *typed[1:]]
