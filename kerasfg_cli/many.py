"""`kerasfg predict --out`: a table of any number of pictures."""

import dataclasses
from pathlib import Path
from typing import Annotated
from typing import Literal

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
By = Annotated[
    Literal["burst"] | None,
    typer.Option(
        metavar="<group>",
        help="burst: with --out, each row also has the answer for the pictures "
        "that its camera took within 2 s of each other, by EXIF.",
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


@dataclasses.dataclass(frozen=True)
class Table:
    """What `--out` and the options beside it ask for.

    Attributes:
        pictures: Paths of pictures and folders, or one of MegaDetector's file.
        out: Path of the table, or `None`.
        top: Number of classes to name.
        coverage: Coverage of sets, or `None`.
        box_margin: Margin of MegaDetector's boxes, or `None`.
        sort_into: Folder for links to the pictures, or `None`.
        watch: Whether folders are watched.
        by: `"burst"` for an answer for each burst as well, or `None`.
        as_json: Whether JSON is printed.
    """

    pictures: list[Path]
    out: Path | None
    top: int
    coverage: float | None
    box_margin: float | None
    sort_into: Path | None
    watch: bool
    by: str | None
    as_json: bool

    @property
    def is_detections(self):
        """Whether it is MegaDetector's results that are to be named."""
        return (
            len(self.pictures) == 1
            and self.pictures[0].suffix.lower() == ".json"
        )


def check_table(table, ask, why):
    """Checks the options and the pictures, before anything is loaded.

    Args:
        table: `Table`.
        ask: Whether questions are asked.
        why: Whether a page is written at `out` instead.

    Raises:
        ValueError: If they do not fit together, the table cannot be written,
            or a path does not exist.
    """
    _check_boxes(table)
    _check_watched(table, why)
    _check_sorted(table, why)
    _check_by(table, why)
    if table.out is not None and not why:
        _check_out(table, ask)


def _check_out(table, ask):
    from kerasfg.run.given_paths import check_picture_paths
    from kerasfg.run.many_pictures.classify import check_out

    if ask:
        raise ValueError(
            "Questions are asked about a few pictures at the terminal: leave "
            f"out `ask` or `out`. Received: ask=True, out={str(table.out)!r}"
        )
    check_out(table.out)
    check_picture_paths(table.pictures)
    if table.is_detections:
        from kerasfg.run.many_pictures.detections import check_json

        check_json(table.out)
        if table.coverage is not None:
            raise ValueError(
                "MegaDetector's format has no sets: leave out `coverage`. "
                f"Received: coverage={table.coverage}"
            )


def _check_sorted(table, why):
    folder = table.sort_into
    if folder is None:
        return
    if table.out is None or why or table.watch or table.is_detections:
        raise ValueError(
            "Pictures are linked by what a table says of them: add `out`, such "
            "as results.csv, without `why` and `watch`. "
            f"Received: sort_into={str(folder)!r}"
        )
    if folder.exists() and not folder.is_dir():
        raise ValueError(
            "Pictures are linked in a folder: name a new one, or one that is "
            f"there. Received: sort_into={str(folder)!r}, which is a file"
        )


def _check_by(table, why):
    if table.by is None:
        return
    if table.out is None or why or table.watch or table.is_detections:
        raise ValueError(
            "Bursts are answered in a table of pictures, when all are there: "
            "add `out`, such as results.csv, without `why`, `watch` and "
            f"MegaDetector's file. Received: by={table.by!r}"
        )


def _check_watched(table, why):
    if not table.watch:
        return
    from kerasfg.run.many_pictures.watch import check_watch

    if table.out is None or why:
        raise ValueError(
            "What is seen while a folder is watched goes into a table: add "
            "`out`, such as results.csv, without `why`. Received: watch=True"
        )
    check_watch(table.pictures)


def _check_boxes(table):
    if table.is_detections and table.out is None:
        raise ValueError(
            "What MegaDetector found is named in a file of its format: add "
            "`out`, such as named.json. "
            f"Received: pictures={table.pictures[0]}"
        )
    if table.box_margin is not None and not table.is_detections:
        raise ValueError(
            "A margin is for the boxes of MegaDetector's .json file: name it "
            "in place of the pictures, or leave out `box_margin`. "
            f"Received: box_margin={table.box_margin}"
        )


def watch_folders(predictor, model, table):
    """Classifies what comes into folders, a line each, until Ctrl-C."""
    from kerasfg.run.many_pictures.watch import watch_pictures

    error_console.print("Watching; Ctrl-C ends it.")

    def show(rows):
        for row in rows:
            if table.as_json:
                print_json(row, indent=None)
            else:
                console.print(visible(_line(row)), markup=False, soft_wrap=True)

    done = watch_pictures(
        predictor,
        model,
        table.pictures,
        table.out,
        show,
        table.top,
        table.coverage,
    )
    if not table.as_json:
        _print(done, table.out)


def _line(row):
    from kerasfg.evaluation.answer import describe

    said = {"file": row["path"], **row}
    said.pop("set", None)  # its names alone
    if "class" in row:
        said["top"] = [(row["class"], row["probability"])]
    return describe(said)


def write_table(predictor, model, table):
    """Classifies pictures into a table, and prints what was done."""
    from kerasfg.data.sources.boxes import MARGIN
    from kerasfg.run.many_pictures.classify import classify_pictures
    from kerasfg.run.many_pictures.detections import classify_detections

    if table.is_detections:
        done = classify_detections(
            predictor,
            model,
            table.pictures[0],
            table.out,
            table.top,
            MARGIN if table.box_margin is None else table.box_margin,
            not table.as_json,
        )
    else:
        done = classify_pictures(
            predictor,
            model,
            table.pictures,
            table.out,
            table.top,
            table.coverage,
            not table.as_json,
            table.sort_into,
            by_burst=table.by == "burst",
        )
    if table.as_json:
        print_json({"out": str(table.out), **dataclasses.asdict(done)})
    else:
        _print(done, table.out)
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
