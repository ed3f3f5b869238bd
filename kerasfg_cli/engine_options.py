"""Options of the commands that work on several machines."""

from typing import Annotated
from typing import Literal

import typer

from kerasfg_cli.options import register_bare_package

_PANEL = "Several machines"
Engine = Annotated[
    Literal["ray"] | None,
    typer.Option(
        rich_help_panel=_PANEL,
        help="Decode and classify pictures on all machines of a Ray cluster; "
        "each must find them at the same paths.",
    ),
]
RayAddress = Annotated[
    str | None,
    typer.Option(
        rich_help_panel=_PANEL,
        metavar="<host:port>",
        help="Address of a cluster that this machine belongs to. Default: one "
        "of only this machine is started.",
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
                "it is the address of a Ray cluster: add --engine ray",
                param_hint="--ray-address",
            )
        return None
    register_bare_package()
    from kerasfg.engines.ray_cluster import check_cluster
    from kerasfg.engines.ray_data import RayData

    check_cluster(ray_address)
    return RayData(ray_address)


def check_engine_of_table(engine, table, why):
    """Checks that an engine has a table of pictures to make.

    Args:
        engine: `"ray"` or `None`.
        table: `kerasfg_cli.table_options.Table`.
        why: Whether a page is written instead.

    Raises:
        ValueError: If it has none.
    """
    if engine and not table.has_rows(why):
        raise ValueError(
            "`engine` is for a table of pictures: add `out`, such as "
            "results.csv, without `why` and `watch`, or leave out `engine`. "
            f"Received: engine={engine!r}"
        )
    for place in table.pictures:
        if engine and str(place).lower().endswith((".zip", ".tar")):
            raise ValueError(
                "Other machines must read the pictures for themselves, from a "
                "folder or list: unpack the archive, or leave out `engine`. "
                f"Received: pictures={str(place)!r}"
            )
