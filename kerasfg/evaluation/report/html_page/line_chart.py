"""Curves of several runs in one drawing that follows the page's colours."""

import dataclasses
import math

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 40
MOST_TICKS = 12


@dataclasses.dataclass(frozen=True)
class Curve:
    """A curve of shares.

    Attributes:
        name: Of the run.
        color: Number of the colour.
        points: Pairs of x and a share.
        intervals: Triples of x and the bounds of the share; may be empty.
    """

    name: str
    color: int
    points: tuple[tuple[float, float], ...]
    intervals: tuple[tuple[float, float, float], ...] = ()


class LineChart:
    """Places curves of shares on a drawing of `WIDTH` x `HEIGHT`.

    Args:
        title: What it shows, for those who cannot see it.
        x_label: Words below.
        curves: List of `Curve`, with at least one point.
        logarithmic: Whether twice as much is one step to the right. Defaults
            to `False`.
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
        """Numbers of the colours that are drawn."""
        return {curve.color for curve in self.curves}

    def x(self, value):
        """Where a value lies from the left."""
        span = self._high - self._low
        share = (self._scale(value) - self._low) / span if span else 0.5
        return round(self.left + share * (self.right - self.left), 1)

    def y(self, share):
        """Where a share lies from the top."""
        return round(self.bottom - share * (self.bottom - self.top), 1)

    def path(self, curve):
        """The points of a curve, as the `points` of an SVG `polyline`."""
        return " ".join(f"{self.x(x)},{self.y(y)}" for x, y in curve.points)


def learning_curves(groups):
    """The validation accuracy of each run over its epochs.

    Args:
        groups: List of `RunGroup`.

    Returns:
        `LineChart`, or `None` where no run has a history.
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
    """The test accuracy of each run against the pixels of the picture.

    Args:
        groups: List of `RunGroup`.

    Returns:
        `LineChart`, or `None` where it was measured of no run.
    """
    curves = []
    for group in groups:
        for run in group.runs:
            rows = run.test.get("resolutions", ())
            points = tuple((x["resolution"], x["top_1"]) for x in rows)
            bounds = ((x["resolution"], *x["top_1_interval"]) for x in rows)
            if points:
                curve = Curve(run.name, group.number, points, tuple(bounds))
                curves.append(curve)
    if not curves:
        return None
    title = "Accuracy on the test pictures against their resolution"
    return LineChart(title, "pixels of the picture", curves, logarithmic=True)


def _epochs(history):
    for row in history:
        try:
            point = float(row["epoch"]), float(row["val_accuracy"])
        except (KeyError, TypeError, ValueError):
            continue  # an epoch without validation is a gap
        if all(map(math.isfinite, point)):
            yield point
