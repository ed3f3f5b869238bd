"""Smooth curves through a few points."""

import functools

import numpy as np

STEPS = 6  # of the curve between two points


def spline(points, closed=False):
    """Returns a smooth (Catmull-Rom) curve through the points."""
    points = np.asarray(points, float)
    return _spline_basis(len(points), closed) @ points


@functools.cache
def _spline_basis(points, closed):
    """Returns the matrix that turns control points into a smooth curve."""
    segments = points if closed else points - 1
    rows = np.zeros((segments * STEPS + (not closed), points))
    for row in range(len(rows)):
        start, t = min(row // STEPS, segments - 1), row / STEPS
        t -= start
        weights = (
            -0.5 * t + t**2 - 0.5 * t**3,
            1 - 2.5 * t**2 + 1.5 * t**3,
            0.5 * t + 2 * t**2 - 1.5 * t**3,
            -0.5 * t**2 + 0.5 * t**3,
        )
        for offset, weight in zip(range(-1, 3), weights, strict=True):
            at = start + offset
            at = at % points if closed else min(max(at, 0), points - 1)
            rows[row, at] += weight
    return rows
