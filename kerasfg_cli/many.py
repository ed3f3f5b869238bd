"""`kerasfg predict --out`: a table of any number of pictures."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.app import console
from kerasfg_cli.app import error_console
from kerasfg_cli.app import print_place
from kerasfg_cli.options import print_json
from kerasfg_cli.text import visible

_INTERRUPTED = 130  # as shells report Ctrl-C


BoxMargin = Annotated[
    float | None,
    typer.Option(
        metavar="<share>",
        min=0,
        max=5,
        help="Share of a box's sides to add on each side of it, for the boxes "
        "in MegaDetector's .json file. Default: 0.1.",
    ),
]


SortInto = Annotated[
    Path | None,
    typer.Option(
        metavar="<folder>",
        help="With --out: also link each picture into a folder of its class "
        "there. None is moved.",
    ),
]
Watch = Annotated[
    bool,
    typer.Option(
        "--watch",
        help="With --out: go on with each picture that comes into the folders, "
        "until Ctrl-C.",
    ),
]


def is_detections(pictures):
    """Whether it is MegaDetector's results that are to be named."""
    return len(pictures) == 1 and pictures[0].suffix.lower() == ".json"


def check_table(out, ask, pictures, coverage):
    """Checks what is written, and the pictures, before anything is loaded.

    Args:
        out: Path of the table.
        ask: Whether questions are asked.
        pictures: Paths of pictures and folders, or one of MegaDetector's file.
        coverage: Coverage of sets, or `None`.

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
    if is_detections(pictures):
        from kerasfg.run.many_pictures.detections import check_json

        check_json(out)
        if coverage is not None:
            raise ValueError(
                "MegaDetector's format has no sets: leave out `coverage`. "
                f"Received: coverage={coverage}"
            )


def check_sorted(sort_into, out, why, watch, pictures):
    """Checks the option to link pictures, before anything is loaded.

    Args:
        sort_into: Folder for the links, or `None`.
        out: As of `check_table`.
        why: Whether a page is written instead.
        watch: Whether folders are watched.
        pictures: As of `check_table`.

    Raises:
        ValueError: If there is no table of pictures.
    """
    if sort_into is None:
        return
    if out is None or why or watch or is_detections(pictures):
        raise ValueError(
            "Pictures are linked by what a table says of them: add `out`, such "
            "as results.csv, without `why` and `watch`. "
            f"Received: sort_into={str(sort_into)!r}"
        )
    if sort_into.exists() and not sort_into.is_dir():
        raise ValueError(
            "Pictures are linked in a folder: name a new one, or one that is "
            f"there. Received: sort_into={str(sort_into)!r}, which is a file"
        )


def check_watched(watch, out, why, pictures):
    """Checks the option to watch folders, before anything is loaded.

    Args:
        watch: Whether it is given.
        out: As of `check_table`.
        why: Whether a page is written instead.
        pictures: As of `check_table`.

    Raises:
        ValueError: If there is no table, or something is no folder.
    """
    if not watch:
        return
    from kerasfg.run.many_pictures.watch import check_watch

    if out is None or why:
        raise ValueError(
            "What is seen while a folder is watched goes into a table: add "
            "`out`, such as results.csv, without `why`. Received: watch=True"
        )
    check_watch(pictures)


def watch_folders(predictor, model, folders, out, top, coverage, as_json):
    """Classifies what comes into folders, a line each, until Ctrl-C."""
    from kerasfg.run.many_pictures.watch import watch_pictures

    error_console.print("Watching; Ctrl-C ends it.")

    def show(rows):
        for row in rows:
            if as_json:
                print_json(row, indent=None)
            else:
                console.print(visible(_line(row)), markup=False, soft_wrap=True)

    done = watch_pictures(predictor, model, folders, out, show, top, coverage)
    if not as_json:
        _print(done, out)


def _line(row):
    if "error" in row:
        return f"{row['path']}: cannot be read: {row['error']}"
    if not row.get("known", True):
        return f"{row['path']}: none of these classes"
    unsure = "" if row["sure"] else "not sure: "
    share = 100 * row["probability"]
    return f"{row['path']}: {unsure}{row['class']} {share:.1f} %"


def check_boxes(out, pictures, box_margin):
    """Checks the options of boxes where there may be none.

    Args:
        out: As of `check_table`.
        pictures: As of `check_table`.
        box_margin: Margin of boxes, or `None`.

    Raises:
        ValueError: If there are boxes and no place for their names, or a margin
            and no boxes.
    """
    if is_detections(pictures) and out is None:
        raise ValueError(
            "What MegaDetector found is named in a file of its format: add "
            f"`out`, such as named.json. Received: pictures={pictures[0]}"
        )
    if box_margin is not None and not is_detections(pictures):
        raise ValueError(
            "A margin is for the boxes of MegaDetector's .json file: name it "
            "in place of the pictures, or leave out `box_margin`. "
            f"Received: box_margin={box_margin}"
        )


def write_table(
    predictor,
    model,
    pictures,
    out,
    top,
    coverage,
    box_margin,
    sort_into,
    as_json,
    engine=None,
):
    """Classifies pictures into a table, and prints what was done."""
    from kerasfg.data.sources.boxes import MARGIN
    from kerasfg.run.many_pictures.classify import classify_pictures
    from kerasfg.run.many_pictures.detections import classify_detections

    if is_detections(pictures):
        margin = MARGIN if box_margin is None else box_margin
        done = classify_detections(
            predictor, model, pictures[0], out, top, margin, not as_json
        )
    else:
        done = classify_pictures(
            predictor,
            model,
            pictures,
            out,
            top,
            coverage,
            not as_json,
            sort_into,
            engine,
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
    console.print(visible(f"{', '.join(parts)}."), highlight=False)
    for kind, count in sorted(done.left_out.items()):
        console.print(visible(f"Left out: {count:,} {kind}."), highlight=False)
    print_place("The table is", out)
    if not done.finished:
        console.print(
            "It is not complete: the same command goes on.", soft_wrap=True
        )
