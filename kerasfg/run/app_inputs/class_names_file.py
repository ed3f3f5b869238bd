"""Reads the names of classes in other languages."""

from __future__ import annotations

import os

from kerasfg.data.table_text import table_lines

COLUMNS = ("class", "language", "name")
_MAX_BYTES = 64 * 2**20
_LONGEST = 200  # letters


def read_class_names(
    filepath: str | os.PathLike[str],
) -> dict[str, dict[str, str]]:
    """Reads a table of the columns `class`, `language` and `name`.

    Args:
        filepath: CSV file, as a spreadsheet saves it. A language is a code such
            as `de`.

    Returns:
        `{class: {language: name}}`.

    Raises:
        ValueError: If there is no such file, a column is missing, or a line
            has no name, one that is too long or cannot be shown, or another
            one than a line before.
    """
    lines = table_lines(filepath, "`names`", _MAX_BYTES)
    columns = _columns(next(lines, (0, []))[1], filepath)
    names = {}
    for number, cells in lines:
        row = [
            cells[column].strip() if column < len(cells) else ""
            for column in columns
        ]
        if not any(row):
            continue
        label, language, name = row
        where = f"line {number} of {str(filepath)!r}"
        if not all(row):
            raise ValueError(
                "Each line of `names` must have a class, a language and a "
                f"name. Received: {where}"
            )
        if len(name) > _LONGEST or not name.isprintable():
            raise ValueError(
                f"A name in `names` must be at most {_LONGEST} letters, in one "
                f"line. Received: {where}"
            )
        of_class = names.setdefault(label, {})
        if of_class.setdefault(language.lower(), name) != name:
            raise ValueError(
                "`names` must give a class one name in each language, and "
                f"{label!r} has two in {language!r}. Received: {where}"
            )
    return names


def _columns(header, filepath):
    found = [cell.strip().lower() for cell in header]
    if not set(COLUMNS) <= set(found):
        raise ValueError(
            "The first line of `names` must name the columns class, language "
            f"and name. Received: names={str(filepath)!r}, with "
            f"{', '.join(found)[:200] or 'nothing'}"
        )
    return [found.index(name) for name in COLUMNS]
