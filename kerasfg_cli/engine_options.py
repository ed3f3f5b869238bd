"""Options of the commands that work on several machines."""

from typing import Annotated
from typing import Literal

import typer

from kerasfg_cli.many import is_detections
from kerasfg_cli.options import register_bare_package

_PANEL = "Several machines"
Engine = Annotated[
    Literal["ray"] | None,
    typer.Option(
        rich_help_panel=_PANEL,
        help="Let Ray decode and classify pictures on all machines of a "
        "cluster, which read them by the same paths.",
    ),
]
RayAddress = Annotated[
    str | None,
    typer.Option(
        rich_help_panel=_PANEL,
        metavar="<host:port>",
        help="Address of the cluster, one of whose machines this is. Default: "
        "one is started on this machine alone.",
    ),
]


def check_engine(engine, ray_address):
    """Checks what names an engine, before anything slow is loaded.

    Args:
        engine: `"ray"` or `None`.
        ray_address: Address of its cluster, or `None`.

    Returns:
        The `kerasfg.engines.ray_data.RayData`, or `None` without an engine.

    Raises:
        ImportError: If Ray is not installed.
        ValueError: If there is an address without an engine, or no cluster
            answers there.
    """
    if engine is None:
        if ray_address is not None:
            raise typer.BadParameter(
                "it is of a cluster of Ray: add --engine ray",
                param_hint="--ray-address",
            )
        return None
    register_bare_package()
    from kerasfg.engines.ray_cluster import check_cluster
    from kerasfg.engines.ray_data import RayData

    check_cluster(ray_address)
    return RayData(ray_address)


def check_engine_of_table(engine, out, why, watch, pictures):
    """Checks that an engine has a table of pictures to make.

    Args:
        engine: `"ray"` or `None`.
        out: Path of the table, or `None`.
        why: Whether a page is written instead.
        watch: Whether folders are watched.
        pictures: Paths of pictures and folders, or one of MegaDetector's file.

    Raises:
        ValueError: If it has none.
    """
    if engine and (out is None or why or watch or is_detections(pictures)):
        raise ValueError(
            "Several machines classify pictures and folders of them into a "
            "table: add `out`, such as results.csv, without `why` and `watch`, "
            f"or leave out `engine`. Received: engine={engine!r}"
        )
