"""The mean of a few numbers, such as one a seed, and how far they spread."""

import statistics


def mean_and_spread(values):
    """Returns `n`, the `mean` and the `spread` of numbers.

    The spread is the sample standard deviation, divided by `n - 1`. Undefined
    values are `None`.

    Args:
        values: List of floats.
    """
    return {
        "n": len(values),
        "mean": statistics.mean(values) if values else None,
        "spread": statistics.stdev(values) if len(values) > 1 else None,
    }
