"""What a table of results says of a picture, in columns."""

from __future__ import annotations

import contextlib
import datetime
import re
from collections.abc import Mapping
from typing import Any

from kerasfg.run.predictor import Predictor

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")


def columns_of(
    predictor: Predictor, top: int = 3, coverage: float | None = None
) -> list[str]:
    """Lists the columns: those that a model can fill.

    Args:
        predictor: The model.
        top: Number of classes to name. Defaults to `3`.
        coverage: As of `Predictor.predict`. Defaults to `None`.
    """
    top = min(top, len(predictor.class_names))
    columns = ["path", "class", "probability", "sure"]
    if predictor.classify_with_familiarity is not None:
        columns += ["known", "familiarity"]
    if predictor.levels:
        columns += ["coarser_level", "coarser_name", "coarser_probability"]
    if coverage is not None:
        columns.append("set")
    for place in range(2, top + 1):
        columns += [f"class_{place}", f"probability_{place}"]
    return [*columns, "time", "camera", "error"]


def row_of(path: str, answer: Mapping[str, Any], captured: str = "") -> dict:
    """Makes the row of a picture; what there is nothing to say of is left out.

    Args:
        path: Path of the picture.
        answer: Result of `kerasfg.evaluation.answer.answer`.
        captured: `"camera|time"`, see `kerasfg.data.pixels.capture`. Defaults
            to `""`.

    Returns:
        Dictionary that is strict JSON.

    Example:

    >>> said = {"class": "wren", "probability": 0.9, "sure": True,
    ...         "top": [("wren", 0.9), ("tit", 0.1)]}
    >>> row_of("a.jpg", said)["class_2"]
    'tit'
    """
    row = {"path": path}
    names = ("class", "probability", "sure", "known", "familiarity")
    row |= {name: answer[name] for name in names if name in answer}
    coarser = answer.get("coarser")
    if coarser:
        row |= {
            "coarser_level": coarser["level"],
            "coarser_name": coarser["name"],
            "coarser_probability": coarser["probability"],
        }
    if "set" in answer:
        row["set"] = "; ".join(name for name, _ in answer["set"])
    for place, (name, probability) in enumerate(answer["top"][1:], start=2):
        row |= {f"class_{place}": name, f"probability_{place}": probability}
    camera, _, time = captured.partition("|")
    row |= {"time": _iso(time)} if time else {}
    return row | ({"camera": camera} if camera else {})


def time_of(row: Mapping[str, Any]) -> datetime.datetime | None:
    """Returns when a picture was taken, `None` if no real time is known.

    Args:
        row: Result of `row_of`.

    Example:

    >>> time_of({"time": "2024-05-01T09:30:00.25"})
    datetime.datetime(2024, 5, 1, 9, 30)
    >>> time_of({"time": "0000:00:00 00:00:00"})
    """
    text = row.get("time", "")[:19]
    if not _ISO.fullmatch(text):
        return None
    with contextlib.suppress(ValueError):
        return datetime.datetime.fromisoformat(text)
    return None


def _iso(time):
    """Turns EXIF's `2024:05:01 09:30:00` into `2024-05-01T09:30:00`.

    What is no time stays as it is.
    """
    try:
        taken = datetime.datetime.strptime(time[:19], "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return time
    return taken.isoformat() + time[19:]
