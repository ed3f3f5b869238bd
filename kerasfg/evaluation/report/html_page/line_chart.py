"""Line charts of several runs for the HTML report."""

import dataclasses
import math

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 40
MOST_TICKS = 12


@dataclasses.dataclass(frozen=True)
class Curve:
    """A curve of shares.

    Attributes:
        name: Name of the run.
        color: Number of the colour.
        points: Pairs of x and a share.
        intervals: Triples of x and the two bounds of the share; may be empty.
    """

    name: str
    color: int
    points: tuple[tuple[float, float], ...]
    intervals: tuple[tuple[float, float, float], ...] = ()


class LineChart:
    """Computes the coordinates of curves on a chart of `WIDTH` x `HEIGHT`.

    Args:
        title: Description of the chart for screen readers.
        x_label: Label of the x axis.
        curves: List of `Curve`, with at least one point.
        logarithmic: Whether the x axis is logarithmic. Defaults to `False`.
    """

    width, height = WIDTH, HEIGHT
    left, right = LEFT, WIDTH - RIGHT
    top, bottom = TOP, HEIGHT - BOTTOM

    def __init__(self, title, x_label, curves, logarithmic=False):
        self.title, self.x_label, self.curves = title, x_label, curves
        self._scale = math.log2 if logarithmic else float
        found = sorted({x for curve in curves for x, _ in curve.points})
        every = math.ceil(len(found) / MOST_TICKS)
        self._low, self._high = self._scale(found[0]), self._scale(found[-1])
        self.x_ticks = [(self.x(x), f"{x:g}") for x in found[::every]]
        self.y_ticks = [(self.y(p / 100), f"{p} %") for p in range(0, 101, 20)]

    @property
    def colors(self):
        """Set of the numbers of the colours in the chart."""
        return {curve.color for curve in self.curves}

    def x(self, value):
        """Returns the distance of a value from the left."""
        span = self._high - self._low
        share = (self._scale(value) - self._low) / span if span else 0.5
        return round(self.left + share * (self.right - self.left), 1)

    def y(self, share):
        """Returns the distance of a share from the top."""
        return round(self.bottom - share * (self.bottom - self.top), 1)

    def path(self, curve):
        """Returns a curve as the attribute `points` of an SVG `polyline`."""
        return " ".join(f"{self.x(x)},{self.y(y)}" for x, y in curve.points)


def learning_curves(groups):
    """Charts the validation accuracy of each run over its epochs.

    Args:
        groups: List of `RunGroup`.

    Returns:
        `LineChart`, or `None` if no run has a history.
    """
    curves = [
        Curve(run.name, group.number, points)
        for group in groups
        for run in group.runs
        if (points := tuple(_epochs(run.history)))
    ]
    if not curves:
        return None
    title = "Accuracy on the validation pictures over the epochs"
    return LineChart(title, "epoch", curves)


def resolution_curves(groups):
    """Charts the test accuracy of each run against the picture's resolution.

    Args:
        groups: List of `RunGroup`.

    Returns:
        `LineChart`, or `None` if it was not measured for any run.
    """
    title = "Accuracy on the test pictures against their resolution"
    return _top_1_against(
        "resolution",
        lambda run: run.test.get("resolutions", ()),
        groups,
        title,
        "pixels of the picture",
    )


def distance_curves(groups):
    """Charts how often each run is right against the distance.

    Args:
        groups: List of `RunGroup`.

    Returns:
        `LineChart`, or `None` if no run has a distance card.
    """
    return _top_1_against(
        "distance",
        lambda run: [
            row
            for row in (run.distance or {"rows": ()})["rows"]
            if row["top_1"] is not None
        ],
        groups,
        "Share of right answers against the distance",
        "distance in metres",
    )


def _top_1_against(key, rows_of, groups, title, x_label):
    curves = []
    for group in groups:
        for run in group.runs:
            rows = rows_of(run)
            points = tuple((x[key], x["top_1"]) for x in rows)
            bounds = tuple((x[key], *x["top_1_interval"]) for x in rows)
            if points:
                curves.append(Curve(run.name, group.number, points, bounds))
    if not curves:
        return None
    return LineChart(title, x_label, curves, logarithmic=True)


def _epochs(history):
    for row in history:
        try:
            point = float(row["epoch"]), float(row["val_accuracy"])
        except (KeyError, TypeError, ValueError):
            continue  # an epoch without validation has no point
        if all(map(math.isfinite, point)):
            yield point
