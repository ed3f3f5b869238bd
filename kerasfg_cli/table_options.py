"""The options of `kerasfg predict --out`, and their checks."""

import dataclasses
import os
from pathlib import Path
from typing import Annotated
from typing import Literal

import typer

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
        help="burst: with --out, each row also has the joint answer for its "
        "burst, the pictures that one camera took within 2 s of each other by "
        "EXIF.",
    ),
]
Survey = Annotated[
    Path | None,
    typer.Option(
        metavar="<folder>",
        help="With --out datapackage.json (Camtrap DP): folder with "
        "deployments.csv and survey.json, the facts that are not in pictures.",
    ),
]
Watch = Annotated[
    bool,
    typer.Option(
        "--watch",
        help="With --out: also classify each picture that is added to the "
        "folders, until Ctrl-C.",
    ),
]


@dataclasses.dataclass(frozen=True)
class Table:
    """The values of `--out` and of the options that go with it.

    Attributes:
        pictures: Paths of pictures and folders, or one of MegaDetector's file.
        out: Path of the table, or `None`.
        top: Number of classes to name.
        coverage: Coverage of sets, or `None`.
        box_margin: Margin of MegaDetector's boxes, or `None`.
        sort_into: Folder for links to the pictures, or `None`.
        watch: Whether folders are watched.
        by: `"burst"` for an answer for each burst as well, or `None`.
        survey: Folder with what Camtrap DP needs to know, or `None`.
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
    survey: Path | None
    as_json: bool

    @property
    def is_detections(self):
        """Whether the pictures are the boxes of a file of MegaDetector."""
        return (
            len(self.pictures) == 1
            and Path(self.pictures[0]).suffix.lower() == ".json"
        )

    def has_rows(self, why):
        """Whether it is a table with a row for each picture.

        Args:
            why: Whether a page is written at `out` instead.
        """
        other = why or self.watch or self.is_detections
        return self.out is not None and not other


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
    _check_by(table, why)
    _check_survey(table, why)
    _check_watched(table, why)
    _check_sorted(table, why)
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
    from kerasfg.run.many_pictures.sorted_links import check_links

    folder = table.sort_into
    if folder is None:
        return
    if not table.has_rows(why):
        raise ValueError(
            "Pictures are linked by their answers in a table: add `out`, such "
            "as results.csv, without `why` and `watch`. Received: "
            f"sort_into={str(folder)!r}"
        )
    check_links(folder, table.pictures)


def _check_by(table, why):
    if table.by is None:
        return
    if not table.has_rows(why):
        raise ValueError(
            "Answers for bursts are written to a table of pictures: add `out`, "
            "such as results.csv, without `why`, `watch` and MegaDetector's "
            f"file. Received: by={table.by!r}"
        )


def _check_survey(table, why):
    from kerasfg.run.many_pictures.camtrap import check_below
    from kerasfg.run.many_pictures.camtrap import is_camtrap
    from kerasfg.run.many_pictures.survey import read_survey

    wanted = table.out is not None and not why and is_camtrap(table.out)
    if table.survey is None and not wanted:
        return
    if not wanted or table.watch or table.is_detections:
        raise ValueError(
            "Camtrap DP is written for pictures: give `survey` with an `out` "
            "called datapackage.json, without `watch` and MegaDetector's file. "
            f"Received: out={table.out and str(table.out)!r}"
        )
    if table.survey is None:
        raise ValueError(
            "Camtrap DP requires facts that are not in the pictures: name by "
            "`survey` a folder with deployments.csv (where and when the "
            "cameras were) and survey.json (what the survey is). Received: "
            f"out={str(table.out)!r}"
        )
    if os.path.realpath(table.survey) == os.path.realpath(table.out.parent):
        raise ValueError(
            "A package has a deployments.csv of its own: keep what you know of "
            "the survey in another folder, such as one in this. "
            f"Received: survey={str(table.survey)!r}, the folder of `out`"
        )
    read_survey(table.survey)
    check_below(table.out, table.pictures)


def _check_watched(table, why):
    if not table.watch:
        return
    from kerasfg.run.many_pictures.watch import check_watch

    if table.out is None or why:
        raise ValueError(
            "The answers for a watched folder are written to a table: add "
            "`out`, such as results.csv, without `why`. Received: watch=True"
        )
    check_watch(table.pictures)


def _check_boxes(table):
    if table.is_detections and table.out is None:
        raise ValueError(
            "The classes of MegaDetector's boxes are written to a file of its "
            "format: add `out`, such as named.json. Received: "
            f"pictures={table.pictures[0]}"
        )
    if table.box_margin is not None and not table.is_detections:
        raise ValueError(
            "A margin is for the boxes of MegaDetector's .json file: name it "
            "in place of the pictures, or leave out `box_margin`. "
            f"Received: box_margin={table.box_margin}"
        )
