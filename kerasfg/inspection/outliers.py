"""Pictures that look like no others."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import NearestNeighbors

NEIGHBOURS = 10
MOST = 0.02  # of the pictures
_COMPARE_WITH = 20_000  # pictures, so that many take no hours
_FAR = 3.5  # robust standard deviations (Iglewicz and Hoaglin 1993)


def find_outliers(features: np.ndarray) -> list[tuple[int, float]]:
    """Finds pictures that are far from their nearest neighbours.

    Args:
        features: float array `(pictures, dimensions)`, rows of length 1.

    Returns:
        List of pairs of an index and its score, the mean distance to ten
        neighbours in robust standard deviations above the median, the farthest
        first; at most 2 % of the pictures, one at least.
    """
    if len(features) <= 2 * NEIGHBOURS:
        return []  # too few for a median to mean anything
    compared, rows = features, None
    if len(features) > _COMPARE_WITH:
        random = np.random.default_rng(0)
        rows = random.choice(len(features), _COMPARE_WITH, replace=False)
        compared = features[rows]
    search = NearestNeighbors(n_neighbors=NEIGHBOURS + 1, algorithm="brute")
    distances, _ = search.fit(compared).kneighbors(features)
    mean = distances[:, 1:].mean(axis=1)  # the first is the picture itself
    if rows is not None:  # of others it is a neighbour
        others = np.setdiff1d(np.arange(len(features)), rows)
        mean[others] = distances[others, :-1].mean(axis=1)
    center = np.median(mean)
    spread = 1.4826 * np.median(np.abs(mean - center))
    scores = (mean - center) / max(spread, 1e-9)
    order = np.argsort(-scores, kind="stable")[: int(MOST * len(scores)) or 1]
    return [(int(i), float(scores[i])) for i in order if scores[i] > _FAR]
