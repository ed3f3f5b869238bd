"""Options for answers that are not sure."""

from pathlib import Path
from typing import Annotated

import typer

from kerasfg_cli.options import register_bare_package

Taxonomy = Annotated[
    Path | None,
    typer.Option(
        metavar="<file>",
        help="CSV file with coarser names of the classes, from fine to "
        "coarse, such as class,genus,family; or birds_cub80 or flowers17. "
        "Default: those of the run.",
    ),
]
Level = Annotated[
    list[str] | None,
    typer.Option(
        metavar="<name>",
        help="Attribute that joins classes, in place of --taxonomy; may be "
        "repeated, from fine to coarse.",
    ),
]
Questions = Annotated[
    bool,
    typer.Option(
        "--questions",
        help="Also simulate the questions of `kerasfg predict --ask`, with "
        "answers from the table of attributes.",
    ),
]
WrongAnswers = Annotated[
    float,
    typer.Option(
        metavar="<share>",
        min=0,
        max=0.49,
        help="Expected share of questions that are answered wrongly.",
    ),
]
By = Annotated[
    list[str] | None,
    typer.Option(
        metavar="<column>",
        help="Also show the accuracy for each value of a column of the list of "
        "pictures, such as camera or place; may be repeated. More than eight "
        "numbers are cut into quartiles. Without a list: size (shorter side of "
        "the picture), camera (from EXIF data) or folder (below the class "
        "folder).",
    ),
]
ByTable = Annotated[
    Path | None,
    typer.Option(
        metavar="<file>",
        help="CSV file with the columns of --by and the column path, with "
        "paths as in splits.csv. Default: the list that the pictures come "
        "from.",
    ),
]
Precision = Annotated[
    float | None,
    typer.Option(
        metavar="<share>",
        min=0,
        max=0.999,
        help="Set a threshold for each class, so that at least this share of "
        "the answers with that class is right, such as 0.95; below it `kerasfg "
        "predict` is not sure. A run keeps the thresholds; 0 removes them.",
    ),
]
Negatives = Annotated[
    str | None,
    typer.Option(
        metavar="<place>",
        help="Folder, archive or address of pictures of none of the classes, "
        "to fit the familiarity on: the more kinds, the better.",
    ),
]
Foreign = Annotated[
    list[str] | None,
    typer.Option(
        metavar="<place>",
        help="Folder, archive or address of pictures of none of the classes, "
        "used only to measure how many are taken for known classes; may be "
        "repeated.",
    ),
]


def check_levels(taxonomy, level):
    """Checks levels before the slow import of TensorFlow.

    Args:
        taxonomy: Path of a taxonomy, or `None`.
        level: Names of attributes, or `None`.

    Raises:
        ValueError: If the file is no taxonomy, or both are given.
    """
    if taxonomy is None:
        return
    register_bare_package()
    from kerasfg.data.taxonomy import check_taxonomy

    if level:
        raise ValueError(
            "Levels come from `taxonomy` or from attributes, `level`: leave "
            f"one out. Received: taxonomy={str(taxonomy)!r}, level={level}"
        )
    check_taxonomy(taxonomy)


def check_how_sure(by, by_table, precision):
    """Checks a table and a precision before the slow import of TensorFlow.

    Args:
        by: Names of columns, or `None`.
        by_table: Path of a table, or `None`.
        precision: The wanted precision, or `None`.

    Returns:
        Dictionary with the arguments of `kerasfg.evaluate`.

    Raises:
        ValueError: If the file is no table of pictures, there is no column to
            read, or the precision is out of range.
    """
    register_bare_package()
    if precision:
        from kerasfg.evaluation.how_sure.class_thresholds import check_precision

        check_precision(precision)
    if by_table is not None:
        from kerasfg.data.tables import read_rows

        if not by:
            raise ValueError(
                "A table of the pictures is read only for its columns: name "
                f"them with `by`. Received: by_table={str(by_table)!r}"
            )
        read_rows(by_table, ("path",))
    return {
        "by": tuple(by or ()),
        "by_table": by_table,
        "precision": precision,
    }


def check_others(negatives, foreign):
    """Checks folders of other pictures before the slow import of TensorFlow.

    Args:
        negatives: Place of pictures, or `None`.
        foreign: List of them, or `None`.

    Raises:
        ValueError: If one is no folder, or lies in another.
    """
    register_bare_package()
    from kerasfg.run.familiarity.other_pictures import check_other_folders

    check_other_folders(negatives, foreign or ())
