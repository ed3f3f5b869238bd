"""Reads the history of a training."""

import csv


def read_history(filepath):
    """Reads the `history.csv` of a run folder.

    Args:
        filepath: `pathlib.Path` of the CSV file.

    Returns:
        List of dictionaries of texts, one for each epoch; empty if the file is
        missing.
    """
    if not filepath.is_file():
        return []
    with open(filepath, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
