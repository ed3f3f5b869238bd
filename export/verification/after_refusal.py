"""Advice for a smaller file that was refused."""

from kerasfg.export.quantization.calibration import PICTURES
from kerasfg.export.verification.judgement import ABOVE_CHANCE
from kerasfg.export.verification.judgement import NOT_JUDGED
from kerasfg.export.verification.limits import LIMITS

ENOUGH_TESTED = 500
_CALIBRATED = ("int8", "mixed", "micro")


def after_refusal(verifications, calibration=None):
    """Returns advice for files that lost too much accuracy, or might have.

    Args:
        verifications: `{file name: Verification}` of the files that ran.
        calibration: Number of training pictures that calibrated them. Defaults
            to `None`: none were needed.

    Returns:
        Sentences as one string, or `None` if no such file was refused.
    """
    refused = [
        found
        for found in verifications.values()
        if found.failures and LIMITS[found.variant].accuracy_drop is not None
    ]
    unjudged = [found for found in refused if _is_unjudged(found)]
    refused = [found for found in refused if not _is_unjudged(found)]
    parts = []
    if unjudged:  # more pictures or another limit would not help
        parts.append(
            f"Instead of {_names(unjudged)} take a float32 or float16 file, or "
            "train a better model: what a smaller file loses shows only where "
            f"Keras is {100 * ABOVE_CHANCE:.0f} points above chance or more."
        )
    if refused:
        parts += _after_loss(refused, verifications.values(), calibration)
    return " ".join(parts) or None


def _is_unjudged(found):
    return any(failure.startswith(NOT_JUDGED) for failure in found.failures)


def _after_loss(refused, verifications, calibration):
    parts = [_instead(refused, verifications)]
    tested = min(found.pictures for found in refused)
    if tested < ENOUGH_TESTED:
        parts.append(
            f"One of the {tested} test pictures is {100 / tested:.1f} points: "
            "with more of them chance matters less."
        )
    calibrated = any(found.variant in _CALIBRATED for found in refused)
    if calibrated and calibration and calibration < PICTURES:
        parts.append(
            f"int8 was calibrated on {calibration} training pictures: with "
            f"more, up to {PICTURES}, it loses less."
        )
    parts.append("`--max-drop` sets how much a smaller file may lose.")
    return parts


def _instead(refused, verifications):
    """Names the smaller files that passed, or those to try."""
    formats = {_format(found) for found in refused}
    passed = [
        f"{found.name} ({found.bytes / 1e6:.2f} MB{_accuracy(found)})"
        for found in sorted(verifications, key=lambda found: found.bytes)
        if not found.failures
        and found.variant not in ("float32", "micro")
        and _format(found) in formats
    ]
    names = _names(refused)
    if passed:
        return (
            f"Instead of {names} use a file that passed: {', '.join(passed)}."
        )
    return (
        f"Instead of {names} try `--all`: float16 hardly ever loses anything, "
        "with half the bytes of float32."
    )


def _names(files):
    return ", ".join(found.name for found in files)


def _format(found):
    return found.name.rpartition(".")[2]


def _accuracy(found):
    if found.accuracy is None:
        return ""
    return f", {100 * found.accuracy:.1f} % right"
