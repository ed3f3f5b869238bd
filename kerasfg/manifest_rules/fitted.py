"""What `kerasfg evaluate` and `kerasfg distance` add to `kerasfg.json`."""

from kerasfg.manifest_rules.kinds import is_name
from kerasfg.manifest_rules.kinds import is_number
from kerasfg.manifest_rules.kinds import is_share
from kerasfg.manifest_rules.kinds import is_whole

COVERAGES = 50  # of `prediction_sets`
MAX_LEVELS = 20
MAX_SIZE = 8192  # of a picture, in pixels
# Of `distance`; as `kerasfg.evaluation.distance_card` takes them.
CAMERA = {
    "object_size": lambda x: 0 < x <= 1000,
    "fov": lambda x: 1 <= x <= 170,
    "sensor_pixels": lambda x: 16 <= x <= 100_000,
}


def fitted_of(report):
    """Returns what a report adds to `kerasfg.json`.

    Args:
        report: Dictionary; see `kerasfg.evaluation.evaluate_predictions`.

    Example:

    >>> fitted_of({"levels": [], "classes": ["tit", "wren"]})
    {'levels': []}
    """
    found = {key: report[key] for key in FITTED if key in report}
    if "distance" in found:
        card = found["distance"]
        found["distance"] = {key: card[key] for key in (*CAMERA, "curve")}
    return found


def _is_list_of(is_kind, value):
    return isinstance(value, list) and all(map(is_kind, value))


def _are_sets(value):
    if not isinstance(value, dict):
        return False
    lowest, pictures = value.get("lowest"), value.get("pictures")
    return (
        type(pictures) is int
        and pictures > 0
        and _is_list_of(is_share, lowest)
        and len(lowest) == COVERAGES
        and lowest == sorted(lowest, reverse=True)
    )


def _are_class_thresholds(value):
    if not isinstance(value, dict):
        return False
    limits = value.get("thresholds")
    return is_share(value.get("precision")) and _is_list_of(is_share, limits)


def _are_levels(value):
    return (
        isinstance(value, list)
        and 1 <= len(value) <= MAX_LEVELS
        and all(map(_is_level, value))
    )


def _is_level(value):
    if not isinstance(value, dict):
        return False
    return (
        is_name(value.get("name"))
        and _is_list_of(is_name, value.get("of_class"))
        and is_share(value.get("threshold"))
    )


def _is_distance(value):
    if not isinstance(value, dict):
        return False
    curve = value.get("curve")
    return (
        all(
            is_number(value.get(key)) and is_in_range(value[key])
            for key, is_in_range in CAMERA.items()
        )
        and _is_list_of(_is_on_curve, curve)
        and bool(curve)
        and _are_rising([row["resolution"] for row in curve])
    )


def _is_on_curve(value):
    if not isinstance(value, dict):
        return False
    interval = value.get("top_1_interval")
    return (
        is_whole(value.get("resolution"), 1, MAX_SIZE)
        and is_share(value.get("top_1"))
        and _is_list_of(is_share, interval)
        and len(interval) == 2
        and interval == sorted(interval)
    )


def _are_rising(values):
    return values == sorted(set(values))


FITTED_RULES = {
    "prediction_sets": (
        f"an object with pictures, a whole number, and lowest, {COVERAGES} "
        "numbers from 0 to 1",
        _are_sets,
    ),
    "levels": (
        f"a list of 1 to {MAX_LEVELS} objects with name, of_class, a list of "
        "texts in Unicode, and threshold, a number from 0 to 1",
        _are_levels,
    ),
    "class_thresholds": (
        "an object with precision and thresholds, a number from 0 to 1 for "
        "each class",
        _are_class_thresholds,
    ),
    "distance": (
        "an object with object_size, fov and sensor_pixels, numbers, and "
        "curve, a list of objects with resolution, whole numbers that rise, "
        "top_1, a number from 0 to 1, and top_1_interval, two of them",
        _is_distance,
    ),
}
# An evaluation fits these, and an export takes them over from a run folder.
FITTED = tuple(FITTED_RULES)
