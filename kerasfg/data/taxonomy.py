"""Coarser names of classes: the genus, the family and so on of a species."""

from __future__ import annotations

import dataclasses
import importlib.resources
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kerasfg.data.table_text import table_lines

if TYPE_CHECKING:
    from kerasfg.data.attributes import AttributeTable

MAX_BYTES = 16 * 2**20
MAX_LEVELS = 20
MAX_CLASSES = 10_000
MAX_LENGTH = 200


@dataclasses.dataclass(frozen=True)
class Level:
    """A level of a tree of classes, such as genus.

    Attributes:
        name: Its name.
        of_class: The name of each class at this level, in the order of the
            labels.
    """

    name: str
    of_class: tuple[str, ...]


def check_taxonomy(filepath: str | os.PathLike[str]) -> None:
    """Checks that a file is a taxonomy, of any classes.

    Args:
        filepath: As of `read_taxonomy`.

    Raises:
        ValueError: If it is none, or its names make no tree.
    """
    levels, rows = _read(filepath)
    _named_levels(levels, list(rows.values()), list(rows))


def packaged_taxonomies() -> dict[str, Path]:
    """Returns the taxonomies that kerasfg includes: their files by name."""
    folder = importlib.resources.files("kerasfg.recipes") / "taxonomies"
    files = sorted(Path(str(file)) for file in folder.iterdir())
    return {file.stem: file for file in files}


def read_taxonomy(
    filepath: str | os.PathLike[str], class_names: Sequence[str]
) -> tuple[Level, ...]:
    """Reads the coarser names of classes from a CSV file.

    Its first line names the columns: `class`, and the levels from fine to
    coarse, such as `class,genus,family`. Each further line is a class; there
    may be more classes than those of the model, whose names are looked up as
    `AttributeTable` does. An empty cell means that the class has no name of its
    own at that level: the finer one counts.

    All of one genus must be of one family, and so on: so the levels make a
    tree.

    Args:
        filepath: `"birds_cub80"` or `"flowers17"`, which come with kerasfg, or
            path of the file, of at most 16 MiB, 20 levels and 10,000
            classes.
        class_names: Names of the classes, in the order of the labels.

    Returns:
        Tuple of `Level`, from fine to coarse. A level that joins no two
        classes, or all of them, is left out with a warning.

    Raises:
        ValueError: If the file is not such a table, lacks a class, has one
            twice, is not a tree, or no level joins some of the classes but not
            all. The message names the line, if it is about one.
    """
    from kerasfg.data.attributes import AttributeTable  # imports Keras

    levels, rows = _read(filepath)
    # A table of attributes finds classes, and reports what is missing.
    table = AttributeTable(
        rows,
        ["line"],
        [[i] for i in range(len(rows))],
        [[str(i) for i in range(len(rows))]],
    )
    try:
        places = table.for_classes(class_names, allow_others=True)
    except ValueError as error:
        raise ValueError(
            "A taxonomy must have all classes of the model, and each once: "
            f"{error} Received: taxonomy={str(filepath)!r}"
        ) from error
    cells = list(rows.values())
    found = [cells[i] for i in places.values[:, 0]]
    return checked_levels(levels, found, class_names)


def find_levels(
    class_names: Sequence[str],
    taxonomy: str | os.PathLike[str] | None = None,
    table: AttributeTable | None = None,
    level: Sequence[str] = (),
) -> tuple[Level, ...] | None:
    """Reads levels from a file, or makes them of attributes.

    Args:
        class_names: Names of the classes, in the order of the labels.
        taxonomy: File, see `read_taxonomy`. Defaults to `None`.
        table: `AttributeTable` of the classes. Defaults to `None`.
        level: Names of its attributes, see `levels_of_attributes`. Defaults to
            `()`.

    Returns:
        Tuple of `Level`, or `None` if neither is given.

    Raises:
        ValueError: If both are given, or there is no table for attributes.
    """
    if taxonomy is not None and level:
        raise ValueError(
            "The levels are those of `taxonomy` or those made of attributes, "
            "`level`: leave one out. "
            f"Received: taxonomy={str(taxonomy)!r}, level={list(level)}"
        )
    if taxonomy is not None:
        return read_taxonomy(taxonomy, class_names)
    if not level:
        return None
    if table is None:
        raise ValueError(
            "Levels of attributes need a table of `attributes`. "
            f"Received: level={list(level)}"
        )
    table = table.for_classes(class_names, allow_others=True)
    return levels_of_attributes(table, level)


def levels_of_attributes(
    table: AttributeTable, names: Sequence[str]
) -> tuple[Level, ...]:
    """Makes a tree of attributes: classes with the same values are a group.

    Args:
        table: `AttributeTable` with the classes in the order of the labels.
        names: Names of attributes, from fine to coarse. Classes of one group
            have the same value of this attribute and of all coarser ones.

    Returns:
        Tuple of `Level`, as `read_taxonomy`. The name of a group lists its
        values, such as `"wood, long"`.

    Raises:
        ValueError: If the table lacks an attribute, or no level joins some of
            the classes but not all.

    Example:

    >>> from kerasfg.data.attributes import AttributeTable
    >>> table = AttributeTable.from_rows([
    ...     ("crow", "habitat", "wood"), ("gull", "habitat", "shore"),
    ...     ("jay", "habitat", "wood"),
    ... ])
    >>> levels_of_attributes(table, ["habitat"])[0].of_class
    ('wood', 'shore', 'wood')
    """
    chosen = table.select(names)
    rows = []
    for values in chosen.values.tolist():
        cells = [
            "" if value < 0 else _value_name(attribute, known, value)
            for attribute, known, value in zip(
                chosen.attributes, chosen.value_names, values, strict=True
            )
        ]
        rows.append(
            [
                ", ".join(filter(None, reversed(cells[i:])))
                for i in range(len(cells))
            ]
        )
    return checked_levels(chosen.attributes, rows, table.class_names)


def checked_levels(names, rows, class_names):
    """Makes levels of the cells of a table; see `read_taxonomy`.

    Args:
        names: Names of the levels, from fine to coarse.
        rows: For each class the list of its names at these levels.
        class_names: Names of the classes.
    """
    levels = _named_levels(names, rows, class_names)
    kept = [
        level
        for level in levels
        if 1 < len(set(level.of_class)) < len(class_names)
    ]
    if not kept:
        raise ValueError(
            "A level must join some of the classes, and not all of them. "
            f"Received: levels={', '.join(names)} of {len(class_names)} classes"
        )
    idle = [level.name for level in levels if level not in kept]
    if idle:
        warnings.warn(
            f"Left out {', '.join(map(repr, idle))}: every class is a group of "
            "its own there, or all are one.",
            stacklevel=2,
        )
    return tuple(kept)


def _named_levels(names, rows, class_names):
    """Returns all levels, and checks that they make a tree."""
    columns = [list(class_names)]
    for level in range(len(names)):
        spelled: dict[str, str] = {}
        columns.append(
            [
                spelled.setdefault(row[level].casefold(), row[level])
                if row[level]
                else finer
                for row, finer in zip(rows, columns[-1], strict=True)
            ]
        )
    for name, above, fine, coarse in zip(
        ["class", *names], names, columns, columns[1:], strict=False
    ):
        _check_tree(name, above, fine, coarse)
    return tuple(map(Level, names, map(tuple, columns[1:])))


def _check_tree(name, above, fine, coarse):
    """Checks that the classes of a group are together at the level above."""
    seen = {}
    for group, parent in zip(fine, coarse, strict=True):
        known = seen.setdefault(group, parent)
        if known != parent:
            raise ValueError(
                f"All classes of one {name} must have the same {above}, so "
                f"that the levels form a tree. Received: {name}={group!r} in "
                f"{above}={known!r} and in {above}={parent!r}"
            )


def _value_name(attribute, known, value):
    """Names a value: of yes and no, the attribute itself."""
    if known == ("no", "yes"):
        return attribute if value else f"no {attribute}"
    return known[value]


def _read(filepath):
    """Returns the names of the levels, and those of each class."""
    ours = packaged_taxonomies()
    filepath = ours.get(str(filepath), filepath)
    if not Path(filepath).exists():
        raise ValueError(
            f"A taxonomy must be a file, or one of {', '.join(ours)}. "
            f"Received: taxonomy={str(filepath)!r}"
        )
    lines = [
        (number, [cell.strip() for cell in cells])
        for number, cells in table_lines(filepath, "A taxonomy", MAX_BYTES)
        if any(cell.strip() for cell in cells)
    ]
    header = lines[0][1] if lines else []
    column = _class_column(filepath, header)
    if not 1 <= len(lines) - 1 <= MAX_CLASSES:
        raise ValueError(
            "A taxonomy must have a line for each class, and at most "
            f"{MAX_CLASSES:,}. Received: {str(filepath)!r} with "
            f"{len(lines) - 1:,}"
        )
    _check_names(lines[0][0], filepath, header)
    rows = {}
    for number, cells in lines[1:]:
        if len(cells) != len(header) or not cells[column]:
            raise ValueError(
                f"Line {number} of {filepath} must have {len(header)} cells, "
                "like the first line, one of them the name of a class. "
                f"Received: {','.join(cells)[:MAX_LENGTH]!r}"
            )
        name = cells.pop(column)
        _check_names(number, filepath, cells)
        if name in rows:
            raise ValueError(
                f"A taxonomy must have each class once: line {number} of "
                f"{filepath} has it a second time. Received: {name!r}"
            )
        rows[name] = cells
    return header[:column] + header[column + 1 :], rows


def _class_column(filepath, header):
    """Returns the place of the column of classes in the first line."""
    plain = [name.casefold() for name in header]
    if (
        plain.count("class") != 1
        or "" in plain
        or len(set(plain)) < len(plain)
        or not 1 <= len(plain) - 1 <= MAX_LEVELS
    ):
        raise ValueError(
            f"The first line of {filepath} must name the columns: class, and 1 "
            f"to {MAX_LEVELS} levels from fine to coarse, such as "
            f"class,genus,family. Received: {','.join(header)[:MAX_LENGTH]!r}"
        )
    return plain.index("class")


def _check_names(number, filepath, names):
    for cell in names:
        if len(cell) > MAX_LENGTH or any(
            "\ud800" <= letter <= "\udfff" or not letter.isprintable()
            for letter in cell
        ):
            raise ValueError(
                f"Line {number} of {filepath} must hold names of up to "
                f"{MAX_LENGTH} printable characters in UTF-8. "
                f"Received: {cell[:20]!r}"
            )
