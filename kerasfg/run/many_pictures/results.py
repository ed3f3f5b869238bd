"""The formats of results, which the name of their file says."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasfg.run.many_pictures.camtrap import find_place
from kerasfg.run.many_pictures.camtrap import is_camtrap
from kerasfg.run.many_pictures.camtrap import tables_of
from kerasfg.run.many_pictures.camtrap import write_camtrap
from kerasfg.run.many_pictures.coco import is_coco
from kerasfg.run.many_pictures.coco import write_coco
from kerasfg.run.many_pictures.journal import Journal
from kerasfg.run.many_pictures.journal import journal_of
from kerasfg.run.many_pictures.journal import lock_of
from kerasfg.run.many_pictures.survey import Survey
from kerasfg.run.many_pictures.table import write_table


def files_of(out: str | os.PathLike[str]) -> list[Path]:
    """Lists the files that results consist of.

    Example:

    >>> [path.name for path in files_of("results.csv")]
    ['results.csv']
    """
    return [Path(out), *(tables_of(out) if is_camtrap(out) else ())]


def ours(out: str | os.PathLike[str]) -> set[str]:
    """Returns the absolute paths of all files that are written for results."""
    files = (*files_of(out), journal_of(out), lock_of(out))
    return {os.path.abspath(path) for path in files}


@dataclasses.dataclass(frozen=True)
class Results:
    """How results are written.

    Attributes:
        out: Path of the file.
        columns: Columns of a table.
        class_names: Names of the classes.
        by_burst: Whether rows have the columns of bursts.
        survey: For Camtrap DP: the `Survey`. Defaults to `None`.
        classified_by: For Camtrap DP: text that names the model.

    Raises:
        ValueError: If a survey is there or not, and `out` says otherwise.
    """

    out: Path
    columns: Sequence[str]
    class_names: Sequence[str]
    by_burst: bool
    survey: Survey | None = None
    classified_by: str = ""

    def __post_init__(self):
        if is_camtrap(self.out) != (self.survey is not None):
            raise ValueError(
                "Camtrap DP is written with a `survey`, to an `out` called "
                "datapackage.json: give both, or neither. "
                f"Received: out={str(self.out)!r}"
            )

    def check_path(self, path: str) -> str:
        """Checks that a picture can be in the results; returns its path.

        Raises:
            ValueError: If it is in no folder of a survey's deployments.
        """
        if self.survey is not None:
            find_place(path, self.out.parent, self.survey)
        return path

    def write(
        self, journal: Journal, read: Callable[[], Iterable[dict[str, Any]]]
    ) -> None:
        """Writes rows in the format of `out`.

        Args:
            journal: `Journal`, which replaces files.
            read: Function that returns an iterable over all rows.

        Raises:
            ValueError: If a file of the user is there.
            WriteError: If a file cannot be written.
        """
        if self.survey is not None:
            write_camtrap(
                journal,
                self.out,
                read,
                self.survey,
                self.classified_by,
                self.by_burst,
            )
            return
        with journal.replacing(self.out) as path:
            if is_coco(self.out):
                write_coco(path, read, self.class_names, self.out.parent)
            else:
                write_table(path, read(), self.columns)
