"""The list of pictures that a reader should decide about."""

from __future__ import annotations

import collections
import dataclasses
from pathlib import Path

from kerasfg.data.decisions import read_rows_of
from kerasfg.data.decisions import write_decisions

FILE = "suspects.csv"
# Kinds in the order of the list, with their headings on the page.
KINDS = {
    "two classes": "One picture in two classes",
    "label": "Labels that may be wrong",
    "outlier": "Pictures unlike all others",
    "odd": "Odd pictures",
    "broken": "Files that cannot be read",
    "copy": "Copies and near-copies",
}


@dataclasses.dataclass(frozen=True)
class Suspect:
    """A picture that a reader should decide about.

    Attributes:
        path: Name of the picture in its source.
        label: Name of its class.
        kind: A key of `KINDS`: the first reason to suspect it.
        reason: All reasons, in words.
        looks_like: The class that it looks like, `""` if there is none.
        score: Probability of its label, `None` if it has not been computed.
        beside: Name of the picture that it is a copy of, `""` if it is none.
    """

    path: str
    label: str
    kind: str
    reason: str
    looks_like: str = ""
    score: float | None = None
    beside: str = ""

    def row(self) -> dict[str, str]:
        """Returns its row of `suspects.csv`, not yet decided."""
        return {
            "path": self.path,
            "label": self.label,
            "looks_like": self.looks_like,
            "score": "" if self.score is None else f"{self.score:.4f}",
            "reason": self.reason,
        }


def list_suspects(findings: list[Suspect]) -> list[Suspect]:
    """Puts the findings in order, each picture once with all its reasons.

    Args:
        findings: `Suspect`s; a picture may have several. Those of one kind stay
            in their order.

    Returns:
        List of `Suspect`.

    Example:

    >>> found = list_suspects([
    ...     Suspect("a/1.jpg", "a", "odd", "blank"),
    ...     Suspect("a/1.jpg", "a", "label", "looks like b", "b", 0.1),
    ... ])
    >>> [(one.kind, one.reason, one.looks_like) for one in found]
    [('label', 'looks like b; blank', 'b')]
    """
    ranks = {kind: rank for rank, kind in enumerate(KINDS)}
    by_path = collections.defaultdict(list)
    for finding in sorted(findings, key=lambda found: ranks[found.kind]):
        by_path[finding.path].append(finding)
    return [_joined(found) for found in by_path.values()]


def _joined(found):
    scores = [one.score for one in found if one.score is not None]
    return dataclasses.replace(
        found[0],
        reason="; ".join(dict.fromkeys(one.reason for one in found)),
        looks_like=next((o.looks_like for o in found if o.looks_like), ""),
        score=scores[0] if scores else None,
        beside=next((one.beside for one in found if one.beside), ""),
    )


def write_suspects(folder: Path, suspects: list[Suspect]) -> Path:
    """Writes `suspects.csv`, never over a file that somebody has edited.

    Args:
        folder: The folder to write to.
        suspects: List of `Suspect`.

    Returns:
        Path of the file: `suspects.csv`, or `suspects-2.csv` and so on beside
        one that holds decisions or cannot be read.
    """
    path, number = folder / FILE, 1
    while path.exists() and _is_edited(path):
        number += 1
        path = folder / f"suspects-{number}.csv"
    write_decisions(path, [suspect.row() for suspect in suspects])
    return path


def _is_edited(filepath):
    """Returns whether a file holds more than an inspection has written."""
    try:
        rows = read_rows_of(filepath)
    except (ValueError, OSError):
        return True
    return any(row["decision"] or row["new_label"] for row in rows)
