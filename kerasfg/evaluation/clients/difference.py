"""The difference of two accuracies on the same pictures."""

import math

_Z = 1.959964  # of a 95 % interval


def paired_difference(before, after):
    """Computes how much more is right, with its 95 % interval.

    The interval is that of Bonett and Price for pictures that were answered
    twice: it counts those that changed, so it is narrow where few did. It is
    honest for few pictures, where it is wide.

    Args:
        before: Boolean array, whether each picture was right before.
        after: The same afterwards.

    Returns:
        `(difference, low, high)`: shares, negative where fewer are right.

    Example:

    >>> import numpy as np
    >>> right = np.ones(100, bool)
    >>> paired_difference(right, np.arange(100) >= 10)[0]
    -0.1

    Reference:

    - Bonett & Price, 2012, Adjusted Wald confidence interval for a difference
      of binomial proportions based on paired data
    """
    n = len(before)
    gained = int((after & ~before).sum())
    lost = int((before & ~after).sum())
    # One more picture that changed in each direction.
    up, down = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    middle = up - down
    width = _Z * math.sqrt((up + down - middle**2) / (n + 2))
    low, high = max(-1.0, middle - width), min(1.0, middle + width)
    return (gained - lost) / n, low, high
