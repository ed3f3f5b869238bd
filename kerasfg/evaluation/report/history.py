"""Reads the history of a training."""

import csv
import io
import os

from kerasfg.given_file import read_given_text


def read_history(filepath):
    """Reads the `history.csv` of a run folder.

    Args:
        filepath: `pathlib.Path` of the CSV file.

    Returns:
        List of dictionaries of texts, one for each epoch; empty if the file is
        missing.

    Raises:
        ValueError: If it is not a file, not text, not CSV or too large.
    """
    if not os.path.lexists(filepath):
        return []
    text = read_given_text(filepath, "history.csv of a run")
    try:
        return list(csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise ValueError(
            f"A history must be a CSV file: {error}. "
            f"Received: {str(filepath)!r}"
        ) from error
