"""Reads CSV tables that name pictures by their paths."""

import unicodedata

from kerasfg.data.table_text import table_lines


def read_rows(filepath, columns, optional=()):
    """Reads some columns of a CSV file that has a header; see `table_text`.

    Args:
        filepath: Path of the file.
        columns: Names of the columns.
        optional: Names of columns that the file may lack, as a line its value.
            Defaults to `()`.

    Returns:
        List of pairs: line number, dictionary from column to text, which
        keeps its blanks: names of files may begin or end with them.

    Raises:
        ValueError: If a column or a value in it is missing, or the file is
            not a CSV file.
    """
    lines = table_lines(filepath, "A table of pictures")
    header = [name.strip() for name in next(lines, (1, []))[1]]
    if not set(columns) <= set(header):
        raise ValueError(
            f"The first line of {filepath} must name the columns {columns}. "
            f"Received: {','.join(header)!r}"
        )
    result = []
    for line, cells in lines:
        row = dict(zip(header, cells, strict=False))
        values = {column: row.get(column, "") for column in columns}
        if not all(value.strip() for value in values.values()):
            raise ValueError(
                f"Line {line} of {filepath} must have a value in each of "
                f"{columns}. Received: {values}"
            )
        more = (column for column in optional if column in header)
        values |= {column: row.get(column, "") for column in more}
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
