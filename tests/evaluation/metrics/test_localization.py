import json

import numpy as np
import pytest

from kerasfg.evaluation.how_sure.intervals import wilson_interval
from kerasfg.evaluation.metrics.localization import localization


def one_pixel_at_a_time(masks, objects):
    """Mass, pointing, chance and centre of each picture."""
    n, h, w = masks.shape
    _, height, width = objects.shape
    results = []
    for mask, thing in zip(masks, objects, strict=True):
        on = total = 0.0
        for y in range(height):
            for x in range(width):
                above = mask[y * h // height, x * w // width] - mask.min()
                total += above
                on += above * thing[y, x]
        middles = {
            (r, c): thing[
                int((r + 0.5) * height / h), int((c + 0.5) * width / w)
            ]
            for r in range(h)
            for c in range(w)
        }
        best = max(middles, key=lambda cell: mask[cell])
        results.append(
            (
                on / total,
                thing.sum() / thing.size,
                middles[best],
                sum(middles.values()) / len(middles),
                thing[height // 2, width // 2],
            )
        )
    return np.mean(results, axis=0)


# cells that are squares, cells that are not, and sides that do not divide
@pytest.mark.parametrize("shape", [(16, 16), (12, 20), (13, 11)])
def test_matches_a_loop(rng, shape):
    masks = rng.uniform(0.5, 1, (9, 4, 3))
    objects = rng.random((9, *shape)) < 0.4
    found = localization(masks, objects)
    mass, area, pointing, chance, center = one_pixel_at_a_time(masks, objects)
    same = np.repeat(masks.mean(axis=0, keepdims=True), 9, axis=0)
    mean, *_ = one_pixel_at_a_time(same, objects)
    assert found == {
        "n": 9,
        "mass": pytest.approx(mass),
        "area": pytest.approx(area),
        "mass_of_mean": pytest.approx(mean),
        "pointing": pytest.approx(pointing),
        "pointing_interval": list(wilson_interval(round(9 * pointing), 9)),
        "pointing_chance": pytest.approx(chance),
        "pointing_center": pytest.approx(center),
    }
    json.dumps(found, allow_nan=False)


def test_a_mask_of_the_object_has_all_its_mass_there():
    objects = np.zeros((1, 8, 8), bool)
    objects[0, 2:4, 4:6] = True
    masks = 0.5 + 0.01 * objects[:, ::2, ::2]
    found = localization(masks, objects)
    assert found["mass"] == found["pointing"] == 1.0
    assert found["area"] == found["pointing_chance"] == 1 / 16


def test_neither_offset_nor_scale_changes_anything(rng):
    masks = rng.random((5, 4, 4))
    objects = rng.random((5, 8, 8)) < 0.3
    before = localization(masks, objects)
    after = localization(0.5 + masks / 1000, objects)
    for name in ("mass", "mass_of_mean"):
        assert before.pop(name) == pytest.approx(after.pop(name))
    assert before == after


def test_an_even_mask_is_as_good_as_the_area(rng):
    objects = rng.random((3, 8, 8)) < 0.3
    found = localization(np.full((3, 4, 4), 0.5), objects)
    assert found["mass"] == pytest.approx(found["area"])


@pytest.mark.parametrize(
    ("masks", "objects"),
    [
        (np.ones((2, 4, 4)), np.ones((3, 8, 8), bool)),
        (np.ones((2, 4, 4, 1)), np.ones((2, 8, 8), bool)),
        (np.ones((2, 4, 4)), np.ones((2, 8, 8))),
        (np.ones((2, 9, 4)), np.ones((2, 8, 8), bool)),
        (np.ones((0, 4, 4)), np.ones((0, 8, 8), bool)),
    ],
)
def test_rejects(masks, objects):
    with pytest.raises(ValueError, match=r"Received: masks\.shape="):
        localization(masks, objects)
