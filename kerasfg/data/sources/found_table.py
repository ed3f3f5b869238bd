"""Reads the table of the zip file in which the phone app saves pictures.

Its folders are named after the classes, but not every name can be that of a
folder: the table has the names as they are.
"""

import csv
import io

from kerasfg.data.files.left_out import LOOSE
from kerasfg.data.sources.layout import Layout

FOUND = "found.csv"
MAX_BYTES = 64 * 2**20
# Signs at which a spreadsheet would compute; the app writes a ' before them.
_COMPUTED = "=+-@'\t"


def found_layout(found, table, received):
    """Gives each picture its class in the table, or its folder's.

    Args:
        found: `kerasfg.data.files.find.Found` of the zip file.
        table: The file `found.csv` in it, which has `open()`.
        received: End of an error's message, "Received: ...".

    Returns:
        `Layout`, or `None` if it is not a table of the phone app.

    Raises:
        ValueError: If the table cannot be read.
    """
    labels = _read_labels(table, received)
    if labels is None:
        return None
    files, left_out = [], []
    for file in found.pictures:
        folder, slash, _ = file.name.partition("/")
        if file.name in labels:
            files.append((file, labels[file.name], ""))
        elif slash:  # it was put there later
            files.append((file, folder, ""))
        else:
            left_out.append((file.name, LOOSE))
    if not files:
        raise ValueError(
            "The zip file must hold pictures: save it again in the app after "
            f"something was kept and checked. {received}"
        )
    return Layout(files, left_out, [])


def _read_labels(table, received):
    """Returns the label of each path, or `None` without these columns."""
    try:
        with table.open() as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ValueError(f"more than {MAX_BYTES} bytes")
        text = io.StringIO(data.decode("utf-8-sig"), newline="")
        rows = csv.DictReader(text)
        if not {"path", "label"} <= set(rows.fieldnames or ()):
            return None
        return {
            _unescaped(row["path"]): _unescaped(row["label"])
            for row in rows
            if row["path"] and row["label"]
        }
    except (OSError, ValueError, csv.Error) as error:
        raise ValueError(
            f"The table {FOUND} must be as the app has written it: {error}. "
            f"Save the zip file again, or remove the table. {received}"
        ) from error


def _unescaped(name):
    """Undoes the escape that keeps a spreadsheet from computing a name."""
    is_guarded = len(name) > 1 and name[0] == "'" and name[1] in _COMPUTED
    return name[1:] if is_guarded else name
