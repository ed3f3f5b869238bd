"""Places the processes of a training on the machines of a Ray cluster."""

import contextlib
import os
import secrets
import time
from pathlib import Path

from kerasfg.engines.ray_process import child_actor
from kerasfg.write_errors import make_folder
from kerasfg.write_errors import naming

# Seconds in which a cluster may grow, or a machine come back.
_WAIT = 600
# Seconds after which a line says that the cluster is waited for.
_PATIENCE = 20


@contextlib.contextmanager
def placed(ray, workers, gpus, grows, print_line):
    """Starts an actor for each process, on as many machines as there are.

    Args:
        ray: The module `ray`, connected.
        workers: Number of processes.
        gpus: Whether each has a GPU for itself, besides a processor.
        grows: Whether machines may join the cluster, which are waited for.
        print_line: Function that prints a line about what happens.

    Yields:
        List of the actors, of `kerasfg.engines.ray_child.Child`.

    Raises:
        ValueError: If the cluster is too small.
        ConnectionError: If it stays too small for ten minutes.
    """
    kind = "GPU" if gpus else "CPU"
    if not grows:
        _check_size(ray, workers, kind)
    end = time.monotonic() + _WAIT
    while True:
        group = _group(ray, workers, kind, end, print_line)
        try:
            actors = [_actor(ray, group, kind, i) for i in range(workers)]
            try:
                ray.get([actor.place.remote() for actor in actors])
            # A machine was lost that the cluster still believed in.
            except ray.exceptions.RayActorError:
                if time.monotonic() > end:
                    raise
                time.sleep(1)
                continue
            yield actors
            return
        finally:
            ray.util.remove_placement_group(group)


def has_gpus(ray):
    """Returns whether the cluster has GPUs now."""
    return ray.cluster_resources().get("GPU", 0) >= 1


def check_shared(ray, actors, run):
    """Checks that each machine sees the current folder and that of a run.

    A file is written beside the run folder for that, and removed.

    Args:
        ray: The module `ray`, connected.
        actors: The actors of `placed`.
        run: `pathlib.Path` of the run folder.

    Raises:
        ValueError: If one does not.
    """
    beside, text = Path(run).absolute().parent, secrets.token_hex()
    make_folder(beside)
    file = beside / f".kerasfg-shared-{text[:8]}"
    with naming(beside):
        file.write_text(text)
    try:
        missed = ray.get(
            [a.misses.remote(os.getcwd(), str(file), text) for a in actors]
        )
    finally:
        file.unlink(missing_ok=True)
    for path in filter(None, missed):
        folder = beside if path == str(file) else path
        raise ValueError(
            "All machines of the cluster must share a disk with the run folder "
            "and the current folder, each under the same path: one of them "
            f"does not see {folder}. Mount it there, or name another place by "
            f"`out`. Received: out={str(run)!r}"
        )


def _check_size(ray, workers, kind):
    found = int(ray.cluster_resources().get(kind, 0))
    if found < workers:
        raise ValueError(
            f"Each process needs a {kind} of the machine, which has {found}: "
            "lower `workers`, or name a larger cluster by `ray_address`. "
            f"Received: workers={workers}"
        )


def _group(ray, workers, kind, end, print_line):
    """Waits for as many processors or GPUs, and reserves them."""
    bundle = {"CPU": 1} | ({"GPU": 1} if kind == "GPU" else {})
    group = ray.util.placement_group([bundle] * workers, strategy="SPREAD")
    try:
        if group.wait(_PATIENCE):
            return group
        found = int(ray.cluster_resources().get(kind, 0))
        text = f"{workers} {kind}s of the cluster, which has {found}"
        print_line(f"Waiting for {text}, for at most {_WAIT // 60} minutes.")
        if group.wait(max(0, end - time.monotonic())):
            return group
    except BaseException:
        ray.util.remove_placement_group(group)
        raise
    ray.util.remove_placement_group(group)
    raise ConnectionError(
        f"The training needs {text}: wait until others have ended, start more "
        "machines, or lower `workers`"
    )


def _actor(ray, group, kind, index):
    from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

    place = PlacementGroupSchedulingStrategy(
        group, placement_group_bundle_index=index
    )
    return (
        child_actor(ray)
        .options(
            num_cpus=1,
            num_gpus=int(kind == "GPU"),
            scheduling_strategy=place,
        )
        .remote()
    )
