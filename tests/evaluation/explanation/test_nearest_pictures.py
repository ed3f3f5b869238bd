import math

import numpy as np
import pytest

from kerasfg.evaluation import nearest_pictures


def cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def test_finds_what_plain_loops_find(rng):
    features, of = rng.normal(size=(20, 6)), rng.normal(size=(4, 6))
    indices, cosines = nearest_pictures(features, of)
    assert indices.shape == cosines.shape == (4, 3)
    for row, one in enumerate(of):
        pairs = [(-cosine(other, one), i) for i, other in enumerate(features)]
        best = sorted(pairs)[:3]
        assert indices[row].tolist() == [i for _, i in best]
        np.testing.assert_allclose(
            cosines[row], [-value for value, _ in best], rtol=1e-5
        )


def test_length_does_not_count_and_the_first_of_equals_comes_first():
    features = [[0, 0], [5, 0], [1, 0], [0, 1]]
    indices, cosines = nearest_pictures(features, [[2, 0]], 9)
    assert indices.tolist() == [[1, 2, 0, 3]]
    assert cosines.tolist() == [[1, 1, 0, 0]]


@pytest.mark.parametrize(
    "features, of, count, message",
    [
        ([[1.0]], [[1.0, 2.0]], 3, "features of one model"),
        ([[math.nan]], [[1.0]], 3, "`features` must be finite"),
        (np.zeros((0, 2)), [[1.0, 2.0]], 3, "at least one"),
        ([1.0], [[1.0]], 3, "`features` must be finite"),
        ([[1.0]], [[1.0]], 0, "count=0"),
        ([[1.0]], [[1.0]], 1.5, "count=1.5"),
    ],
)
def test_rejects(features, of, count, message):
    with pytest.raises(ValueError, match=message):
        nearest_pictures(features, of, count)
