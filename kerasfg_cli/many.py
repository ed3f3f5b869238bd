"""`kerasfg predict --out`: a table of any number of pictures."""

import dataclasses

import typer

from kerasfg_cli.app import console
from kerasfg_cli.app import print_place
from kerasfg_cli.options import print_json

_INTERRUPTED = 130  # as shells report Ctrl-C


def check_table(out, ask, pictures):
    """Checks what is written, and the pictures, before anything is loaded.

    Args:
        out: Path of the table.
        ask: Whether questions are asked.
        pictures: Paths of pictures and folders.

    Raises:
        ValueError: If it cannot be written, or a path does not exist.
    """
    from kerasfg.run.given_paths import check_picture_paths
    from kerasfg.run.many_pictures.classify import check_out

    if ask:
        raise ValueError(
            "Questions are asked about a few pictures at the terminal: leave "
            f"out `ask` or `out`. Received: ask=True, out={str(out)!r}"
        )
    check_out(out)
    check_picture_paths(pictures)


def write_table(predictor, model, pictures, out, top, coverage, as_json):
    """Classifies pictures into a table, and prints what was done."""
    from kerasfg.run.many_pictures.classify import classify_pictures

    done = classify_pictures(
        predictor, model, pictures, out, top, coverage, not as_json
    )
    if as_json:
        print_json({"out": str(out), **dataclasses.asdict(done)})
    else:
        _print(done, out)
    if not done.finished:
        raise typer.Exit(_INTERRUPTED)


def _print(done, out):
    parts = [f"{done.pictures:,} pictures"]
    if done.before:
        parts.append(f"{done.before:,} of them from before")
    if done.failed:
        parts.append(f"{done.failed:,} could not be read")
    console.print(f"{', '.join(parts)}.", highlight=False)
    for kind, count in sorted(done.left_out.items()):
        console.print(f"Left out: {count:,} {kind}.", highlight=False)
    print_place("The table is", out)
    if not done.finished:
        console.print(
            "It is not complete: the same command goes on.", soft_wrap=True
        )
