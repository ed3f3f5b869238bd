"""Reads CSV tables that name pictures by their paths."""

import csv
import unicodedata

from kerasfg.given_file import check_given

MAX_BYTES = 512 * 2**20


def read_rows(filepath, columns):
    """Reads some columns of a CSV file that has a header.

    Args:
        filepath: Path of the file.
        columns: Names of the columns.

    Returns:
        List of pairs: line number, dictionary from column to text, which
        keeps its blanks: names of files may begin or end with them.

    Raises:
        ValueError: If a column or a value in it is missing, or the file is
            not a CSV file in UTF-8.
    """
    check_given(filepath, "A table of pictures", MAX_BYTES)
    try:
        with open(
            filepath, encoding="utf-8-sig", errors="surrogateescape", newline=""
        ) as file:
            reader = csv.DictReader(file)
            header = tuple(reader.fieldnames or ())
            rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise ValueError(f"{filepath} is not a CSV file: {error}") from error
    if not set(columns) <= set(header):
        raise ValueError(
            f"The first line of {filepath} must name the columns {columns}. "
            f"Received: {','.join(header)!r}"
        )
    result = []
    for line, row in rows:
        values = {column: row[column] or "" for column in columns}
        if not all(value.strip() for value in values.values()):
            raise ValueError(
                f"Line {line} of {filepath} must have a value in each of "
                f"{columns}. Received: {values}"
            )
        result.append((line, values))
    return result


def posix_name(path):
    r"""Turns a path in a table into the form of a picture's name.

    >>> posix_name(r" .\daisy\1.jpg")
    'daisy/1.jpg'
    """
    return path.strip().replace("\\", "/").removeprefix("./")


def find_names(filepath, paths, names):
    """Finds the pictures that a table names.

    A path is the name itself, or one as `posix_name` returns it. Accented
    letters match whether they are stored as one character or two.

    Args:
        filepath: Path of the table, for error messages.
        paths: Paths in the table.
        names: Names of the pictures.

    Returns:
        List of indices into `names`, one for each path.

    Raises:
        ValueError: If no picture has a path as its name.
    """
    index = {
        unicodedata.normalize("NFC", name): i for i, name in enumerate(names)
    }
    index |= {name: i for i, name in enumerate(names)}
    keys = [
        p if p in index else unicodedata.normalize("NFC", posix_name(p))
        for p in paths
    ]
    missing = [
        path for path, key in zip(paths, keys, strict=True) if key not in index
    ]
    if missing:
        raise ValueError(
            f"{filepath} names {len(missing)} pictures that are not in the "
            "folder. Write paths relative to the folder, beginning with the "
            f"class. Received: {', '.join(missing[:5])}"
        )
    return [index[key] for key in keys]
