"""Writes results in the format that the name of their file says."""

from __future__ import annotations

from pathlib import Path

from kerasfg.run.many_pictures.coco import is_coco
from kerasfg.run.many_pictures.coco import write_coco
from kerasfg.run.many_pictures.table import write_table


def write_results(path, out, read, columns, predictor):
    """Writes rows to a path that then becomes `out`.

    Args:
        path: Path to write to.
        out: Path that it then has.
        read: Function that returns an iterable over all rows.
        columns: Columns of a table.
        predictor: The model.
    """
    if is_coco(out):
        write_coco(path, read, predictor.class_names, Path(out).parent)
    else:
        write_table(path, read(), columns)
