"""95 % intervals of measures on some pictures."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

RESAMPLES = 1000
_Z = 1.959963984540054  # of a 95 % interval
_AT_ONCE = 10**7  # drawn indices that are in memory


def wilson_interval(successes: float, n: float) -> tuple[float, float]:
    """Computes the 95 % interval of a share that was measured on `n` samples.

    Args:
        successes: Number of samples that count.
        n: Number of samples, positive; an effective number need not be whole.

    Returns:
        Tuple of the lower and the upper bound, in [0, 1].

    Raises:
        ValueError: If `n` is not positive or `successes` not in [0, n].

    Example:

    >>> [round(bound, 3) for bound in wilson_interval(9, 10)]
    [0.596, 0.982]

    Reference:

    - Wilson, 1927, Probable Inference, the Law of Succession, and Statistical
      Inference
    """
    if not (n > 0 and 0 <= successes <= n):
        raise ValueError(
            "Argument `n` must be positive, and `successes` from 0 to `n`. "
            f"Received: successes={successes}, n={n}"
        )
    share, square = successes / n, _Z**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    variance = share * (1 - share) / n + square / (4 * n**2)
    reach = _Z * math.sqrt(variance) / (1 + square / n)
    low = middle - reach if successes > 0 else 0.0
    high = middle + reach if successes < n else 1.0
    return max(low, 0.0), min(high, 1.0)


def share_interval(
    right: npt.ArrayLike, groups: npt.ArrayLike | None = None
) -> list[float] | None:
    """Computes the 95 % interval of the share of pictures that are right.

    Pictures of one group, such as a burst, are right or wrong together: they
    give less information than as many separate ones. The Wilson interval is
    then that of the effective number of pictures, the number over the design
    effect.

    Formula, for groups of `m` pictures of which `h` are right:

    ```python
    variance = groups / (groups - 1) * sum((h - share * m) ** 2) / n**2
    effective = min(n, share * (1 - share) / variance)
    ```

    Where all are right or all wrong, each group counts as one picture.

    Args:
        right: Booleans of shape `(n,)`.
        groups: Integers of shape `(n,)`, the same for pictures of a group.
            Defaults to `None`: every picture is a group of its own.

    Returns:
        List of the lower and the upper bound; `None` where `n` is 0.

    Example:

    >>> right = [True] * 8 + [False] * 2
    >>> [round(bound, 2) for bound in share_interval(right)]
    [0.49, 0.94]
    >>> burst = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]  # three bursts
    >>> [round(bound, 2) for bound in share_interval(right, burst)]
    [0.27, 0.98]

    Reference:

    - Dean & Pagano, 2015, Evaluating Confidence Interval Methods for Binomial
      Proportions in Clustered Surveys
    """
    right = np.asarray(right, bool)
    if not len(right):
        return None
    effective = len(right)
    if groups is not None:
        effective = _effective(right, _places(groups, len(right)))
    share = float(right.mean())
    return list(wilson_interval(share * effective, effective))


def bootstrap_interval(
    measure: Callable[[np.ndarray], float],
    n: int,
    groups: npt.ArrayLike | None = None,
) -> list[float] | None:
    """Computes the 95 % interval of a measure that is not a share of pictures.

    The pictures, or their groups, are drawn 1000 times with replacement, always
    in the same way; the interval leaves out 2.5 % of the results at either end.
    Where each draw gives the same, as if all are right, that shows nothing
    about other pictures: the Wilson interval of as many pictures or groups is
    given.

    Args:
        measure: Function from how often each picture counts, integers of shape
            `(n,)`, to a float in [0, 1].
        n: Number of pictures.
        groups: As of `share_interval`. Defaults to `None`.

    Returns:
        List of the lower and the upper bound; `None` where `n` is 0.

    Example:

    >>> right = np.array([1] * 8 + [0] * 2)
    >>> def share(counts):
    ...     return counts @ right / counts.sum()
    >>> [round(bound, 1) for bound in bootstrap_interval(share, 10)]
    [0.5, 1.0]

    Reference:

    - Efron, 1979, Bootstrap Methods: Another Look at the Jackknife
    """
    from scipy.stats import bootstrap  # slow

    if not n:
        return None
    places = np.arange(n) if groups is None else _places(groups, n)
    units = int(places.max()) + 1

    def of_drawn(drawn):
        return measure(np.bincount(drawn, minlength=units)[places])

    value = min(max(float(measure(np.ones(n, int))), 0.0), 1.0)
    low = high = value
    if units > 1:
        found = bootstrap(
            (np.arange(units),),
            of_drawn,
            n_resamples=RESAMPLES,
            batch=max(1, _AT_ONCE // units),
            vectorized=False,
            method="percentile",
            rng=np.random.default_rng(0),
        ).confidence_interval
        low, high = float(found.low), float(found.high)
    if high - low < 1e-12:
        return list(wilson_interval(value * units, units))
    return [min(low, value), max(high, value)]


def _effective(right, places):
    """Returns the number of separate pictures with as much information."""
    n, share = len(right), right.mean()
    sizes = np.bincount(places)
    if len(sizes) == n:
        return n
    if share in (0, 1) or len(sizes) == 1:
        return len(sizes)
    apart = np.bincount(places, weights=right) - share * sizes
    variance = len(sizes) / (len(sizes) - 1) * (apart @ apart) / n**2
    if variance * n <= share * (1 - share):
        return n
    return max(1.0, float(share * (1 - share) / variance))


def _places(groups, n):
    groups = np.asarray(groups)
    if groups.shape != (n,):
        raise ValueError(
            "Argument `groups` must have an entry for each picture. Received: "
            f"groups.shape={groups.shape}, {n} pictures"
        )
    return np.unique(groups, return_inverse=True)[1]
