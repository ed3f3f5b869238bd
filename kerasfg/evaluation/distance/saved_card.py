"""The distance card in a report: what was measured, and whether it holds."""

import math
import textwrap
import warnings

from kerasfg.evaluation.distance.card import distance_card

_ARGUMENTS = ("curve", "image_size", "object_size", "fov", "sensor_pixels")
_ARGUMENTS += ("right", "zoom")
# Errors that a card with unexpected contents can raise.
_MALFORMED = (ArithmeticError, LookupError, TypeError, ValueError)
# Of the likelihood on another machine; another training differs by more.
_TOLERANCE = 1e-3


def add_measured(card, measured, n):
    """Adds what was measured at each distance to a card.

    Args:
        card: Result of `kerasfg.evaluation.distance_card`. Its rows get
            `measured`, and the card `checked`; see
            `kerasfg.run.distance.run_card`.
        measured: For each row a dict of `top_1`, `top_1_interval` and
            `too_small`, or `None`.
        n: Number of the test pictures.

    Raises:
        ValueError: If a value is not one that can be measured.
    """
    tested = inside = too_small = 0
    for row, found in zip(card["rows"], measured, strict=True):
        row["measured"] = found
        if found is None:
            continue
        low, high = found["top_1_interval"]
        shares = (low, found["top_1"], high, found["too_small"])
        if not all(0 <= share <= 1 for share in shares):
            raise ValueError(f"What was measured must be shares: {shares}")
        tested += 1
        inside += low <= row["top_1"] <= high
        too_small = max(too_small, found["too_small"])
    card["checked"] = {
        "n": int(n),
        "distances": tested,
        "inside": int(inside),
        "too_small": float(too_small),
    }


def checked_card(found, name):
    """Returns the distance card of a report, which may be anybody's.

    Args:
        found: `distance` of a report.
        name: Name of the run.

    Returns:
        The card, computed again from its curve, with what was measured.

    Raises:
        ValueError: If it is none.
    """
    try:
        rows = found["rows"]
        distances = [row["distance"] for row in rows]
        arguments = {key: found[key] for key in _ARGUMENTS}
        card = distance_card(**arguments, distances=distances)
        if "checked" in found:
            measured = [row["measured"] for row in rows]
            add_measured(card, measured, found["checked"]["n"])
    except _MALFORMED as error:
        reason = textwrap.shorten(repr(error), 160, placeholder=" …")
        raise ValueError(
            "The distance card in a report.json must be as `kerasfg distance` "
            "wrote it: call that again, or remove the key `distance`. "
            f"Received: run={name!r}, and its card gives {reason}"
        ) from error
    return card


def keep_card(report, earlier):
    """Keeps the distance card of an earlier report, or warns that it is gone.

    It holds for the same model and pictures: there are as many pictures of the
    same classes, and their likelihood is the same.

    Args:
        report: Report to add `distance` to.
        earlier: Report that may have one.
    """
    if "distance" not in earlier:
        return
    try:
        checked_card(earlier["distance"], "")
        is_same = _is_of_same_model(report, earlier)
    except _MALFORMED:
        is_same = False
    if is_same:
        report["distance"] = earlier["distance"]
        return
    warnings.warn(
        "The distance card in report.json is of another model or other "
        "pictures, or damaged, and is left out: call `kerasfg distance` again.",
        stacklevel=2,
    )


def _is_of_same_model(report, earlier):
    return report["classes"] == earlier["classes"] and all(
        report[part]["n"] == earlier[part]["n"]
        and math.isclose(
            report[part]["calibration"]["nll"],
            earlier[part]["calibration"]["nll"],
            rel_tol=_TOLERANCE,
            abs_tol=1e-6,
        )
        for part in ("val", "test")
    )
