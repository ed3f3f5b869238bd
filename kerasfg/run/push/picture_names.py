"""The splits of a run without the paths of this computer."""

import csv
import io
import re

from kerasfg.data.splits import read_splits

# Of a list that names its pictures by absolute paths or addresses.
_ELSEWHERE = re.compile(r"/|~|[A-Za-z]:|[A-Za-z][\w+.-]*://")


def splits_to_share(filepath):
    """Returns a `splits.csv` to upload, if it may not go up as it is.

    Names of pictures are mostly relative to their folder. Absolute paths and
    addresses, which a list may hold, become `elsewhere/1`, `elsewhere/2` …

    Args:
        filepath: Path of the `splits.csv`.

    Returns:
        Content of the file, or `None` if all names are relative.

    Raises:
        ValueError: As `read_splits`.
    """
    splits = read_splits(filepath)
    if not any(map(_ELSEWHERE.match, splits)):
        return None
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("path", "split"))
    for number, (name, split) in enumerate(splits.items(), 1):
        shown = f"elsewhere/{number}" if _ELSEWHERE.match(name) else name
        writer.writerow((shown, split))
    return text.getvalue().encode("utf-8", "surrogateescape")
