"""Reads the text of a table as people and spreadsheets save it."""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections.abc import Iterator

from kerasfg.given_file import check_given

MAX_BYTES = 512 * 2**20


def table_lines(
    filepath: str | os.PathLike[str], what: str, max_bytes: int = MAX_BYTES
) -> Iterator[tuple[int, list[str]]]:
    """Reads the lines of a table: commas, semicolons or tabs separate cells.

    Args:
        filepath: Path of the file, see `table_text`.
        what: What it must be, for messages.
        max_bytes: Most bytes. Defaults to 512 MiB.

    Returns:
        Iterator of pairs: the number of a line, and its cells. Empty lines
        are left out.

    Raises:
        ValueError: If there is no such file, or it is not a table.
    """
    text = table_text(filepath, what, max_bytes)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator_of(text)
    )
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise ValueError(f"{filepath} is not a CSV file: {error}") from error


def table_text(
    filepath: str | os.PathLike[str], what: str, max_bytes: int = MAX_BYTES
) -> str:
    """Reads a text file.

    Args:
        filepath: Path of the file: UTF-8, or UTF-16 with a byte order mark.
        what: What it must be, for messages.
        max_bytes: Most bytes. Defaults to 512 MiB.

    Returns:
        Its text, with its line ends unchanged. Bytes that are not UTF-8 are
        kept as surrogates, since names of files may have them.

    Raises:
        ValueError: If there is no such file, or it is cut off.
    """
    check_given(filepath, what, max_bytes)
    try:
        with open(
            filepath,
            encoding=encoding_of(filepath),
            errors="surrogateescape",
            newline="",
        ) as file:
            return file.read()
    except UnicodeError as error:
        raise ValueError(
            f"{what} must be text in UTF-8: {error}. Received: "
            f"{str(filepath)!r}"
        ) from error


def encoding_of(filepath: str | os.PathLike[str]) -> str:
    """Returns the encoding of a text file by its byte order mark.

    Args:
        filepath: Path of the file.
    """
    with open(filepath, "rb") as file:
        head = file.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig"


def first_line(text: str) -> str:
    r"""Returns the first line of a text.

    >>> first_line("path;split\r1.jpg;val\r")
    'path;split'
    """
    return re.split(r"[\r\n]", text, maxsplit=1)[0]


def separator_of(text: str) -> str:
    """Returns what separates the cells of a table, by its first line.

    >>> separator_of('path;"label, as written"')
    ';'
    """
    bare = re.sub(r'"[^"]*"', "", first_line(text))
    return max(",;\t", key=bare.count)
